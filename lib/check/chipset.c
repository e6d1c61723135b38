// SPDX-License-Identifier: MIT
// Whether a PCI function is a part of the host's chipset: VFIO would bind it,
// but the host relies on it, and no guest has a use for it.

#include <errno.h>
#include <stdlib.h>

#include <lend/attribute.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/check/chipset.h"

/* Class codes of the PCI Code and ID Assignment Specification. PCI bridges are
 * refused before. */
static const struct {
	unsigned int class, mask;
	const char *name;
} parts[] = {
	{0x0600, 0xffff, "the host bridge"},
	{0x0601, 0xffff, "the ISA bridge"},
	{0x0600, 0xff00, "a bridge to another bus"},
	{0x0800, 0xffff, "an interrupt controller"},
	{0x0801, 0xffff, "a DMA controller"},
	{0x0802, 0xffff, "a timer"},
	{0x0803, 0xffff, "a real-time clock"},
	{0x0804, 0xffff, "a PCI hot-plug controller"},
	{0x0806, 0xffff, "an IOMMU"},
	{0x0807, 0xffff, "a root complex event collector"},
	{0x0c05, 0xffff, "an SMBus controller"},
};

int chipset_refuse(const struct lend_address *address)
{
	struct lend_ctx *ctx = address->ctx;
	unsigned long class;
	char text[16];

	if (address->bus != LEND_BUS_PCI ||
	    lend_attribute_read(address, "class", text, sizeof(text)) <= 0)
		return 0;
	class = strtoul(text, NULL, 16) >> 8;
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if ((class & parts[i].mask) != parts[i].class)
			continue;
		lend_error_set(ctx, LEND_ERROR_WRONG_TYPE, EINVAL,
			       address->name,
			       "it is a part of the host's chipset: %s",
			       parts[i].name);
		return lend_error_evidence(ctx, "class: %s", text);
	}
	return 0;
}

bool check_chipset(struct check *check, const struct lend_address *address)
{
	if (!chipset_refuse(address))
		return true;
	report_failure(check, "chipset");
	return false;
}
