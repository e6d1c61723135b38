// SPDX-License-Identifier: MIT
// Capabilities: determines their length and applies a policy to them.

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/pci/capability.h"
#include "lib/pci/config.h"
#include "lib/pci/policy.h"

/* Version 1 omits registers that a function does not use; since version 2 all
 * are present and read 0. */
static unsigned int express_length(uint16_t flags)
{
	bool link = (flags & PCI_EXP_FLAGS_TYPE) >> 4 != PCI_EXP_TYPE_RC_END;

	if ((flags & PCI_EXP_FLAGS_VERS) >= 2)
		return PCI_EXP_SLTCTL2 + 4;
	return link ? PCI_EXP_SLTCAP : PCI_EXP_LNKCAP;
}

static unsigned int msi_length(uint16_t flags)
{
	unsigned int length = flags & PCI_MSI_FLAGS_64BIT ? 14 : 10;

	return flags & PCI_MSI_FLAGS_MASKBIT ? length + 10 : length;
}

unsigned int capability_length(const struct policy *policy,
			       const uint8_t *image, unsigned int at,
			       unsigned int end)
{
	unsigned int length = policy->size;
	uint16_t flags;

	if (at + 4 > end)
		return 0;
	flags = (uint16_t)bytes_get(image + at + 2, 2);
	switch (policy->length) {
	case POLICY_FIXED:
		break;
	case POLICY_IN_BYTE:
		length = image[at + 2];
		break;
	case POLICY_IN_VSEC:
		if (at + 8 > end)
			return 0;
		length = PCI_VNDR_HEADER_LEN(bytes_get(image + at + 4, 4));
		break;
	case POLICY_REBAR:
		if (at + 12 > end)
			return 0;
		length = 4 + 8 * (image[at + PCI_REBAR_CTRL] >>
				  PCI_REBAR_CTRL_NBAR_SHIFT);
		break;
	case POLICY_EXPRESS:
		/* Some devices report a version that requires more space than
		 * there is. */
		length = express_length(flags);
		if (length > end - at && end - at >= PCI_EXP_LNKCAP)
			length = end - at;
		break;
	case POLICY_MSI:
		length = msi_length(flags);
		break;
	}
	return length >= 3 && at + length <= end ? length : 0;
}

static void capability_apply_field(struct config *config,
				   const struct policy_field *field,
				   const uint8_t *image, unsigned int at)
{
	uint32_t value = (uint32_t)bytes_get(image + at, field->size);

	config_set(config, at, field->size,
		   (struct config_bits){
			   .value = value & (field->keep | field->writable),
			   .emulated = field->keep | field->zero,
			   .writable = field->writable,
			   .pass = field->pass,
		   });
}

void capability_apply_fields(struct config *config, struct policy_fields fields,
			     const uint8_t *image,
			     struct capability_place place)
{
	unsigned int i;

	for (i = 0; i < fields.count; i++) {
		const struct policy_field *field = &fields.list[i];

		if (field->offset + field->size <= place.length)
			capability_apply_field(config, field, image,
					       place.at + field->offset);
	}
}

void capability_apply(struct config *config, const struct policy *policy,
		      const uint8_t *image, struct capability_place place)
{
	unsigned int i;

	for (i = place.header; i < place.length; i++) {
		struct config_bits bits = {.value = image[place.at + i]};

		if (policy->verdict == POLICY_CONSTANT)
			bits.emulated = 0xff;
		if (policy->verdict == POLICY_PASS)
			bits.pass = 0xff;
		config_set(config, place.at + i, 1, bits);
	}
	capability_apply_fields(config, policy->fields, image, place);
}
