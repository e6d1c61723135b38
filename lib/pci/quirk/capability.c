// SPDX-License-Identifier: MIT
// Adds a vendor-specific capability that drivers look for in a virtual machine.

#include <linux/pci_regs.h>

#include <lend/capability.h>

#include "lib/pci/capability.h"
#include "lib/pci/config.h"
#include "lib/pci/function.h"
#include "lib/pci/policy.h"
#include "lib/pci/quirk/quirk.h"

static bool is_free(const uint8_t *image, unsigned int at, unsigned int length)
{
	struct lend_pci_capability found[LEND_PCI_LIST_STANDARD_MAX];
	unsigned int count = lend_pci_capabilities(
		image, CONFIG_STD_SIZE, LEND_PCI_LIST_STANDARD, found,
		LEND_PCI_LIST_STANDARD_MAX, NULL);
	unsigned int i;

	for (i = 0; i < count; i++) {
		const struct policy *policy = policy_standard(found[i].id);
		unsigned int has = capability_length(
			policy, image, found[i].offset, CONFIG_STD_SIZE);

		if (config_touches(found[i].offset, has ? has : 4, at, length))
			return false;
	}
	return at + length <= CONFIG_STD_SIZE;
}

static void capability_put(struct config *config, unsigned int at,
			   unsigned int value)
{
	config_set_constant(config, at, 1, value);
}

bool quirk_add_capability(struct lend_pci *pci, const uint8_t *image,
			  unsigned int at, unsigned int length,
			  const uint8_t *body)
{
	struct config *config = &pci->config;
	unsigned int i;

	if (!is_free(image, at, length))
		return false;
	capability_put(config, at, PCI_CAP_ID_VNDR);
	capability_put(config, at + 1,
		       config_value(config, PCI_CAPABILITY_LIST, 1));
	capability_put(config, at + 2, length);
	for (i = 3; i < length; i++)
		capability_put(config, at + i, body[i - 3]);
	capability_put(config, PCI_CAPABILITY_LIST, at);
	config->value[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	return true;
}
