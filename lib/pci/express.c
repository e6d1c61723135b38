// SPDX-License-Identifier: MIT
// Adapts the PCI Express capability to the guest's topology: the device type
// and the link.

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/pci/capability.h"
#include "lib/pci/config.h"
#include "lib/pci/express.h"
#include "lib/pci/policy.h"

#define ALL 0xffffffffu

#define LINK (PCI_EXP_LNKCAP_SLS | PCI_EXP_LNKCAP_MLW)
/* Registers that a guest sets on both ends of the link, without effect here. */
#define LNKCTL_OPEN                                                            \
	(PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC |      \
	 PCI_EXP_LNKCTL_ES)
#define SPEEDS  0xfeu
#define STATUS  (PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW)
#define SLOWEST (PCI_EXP_LNKCAP_SLS_2_5GB | 1 << 4) /* one lane */

/* The device's own speeds and width are shown; power states, retraining and
 * notifications belong to the host's link. */
static const struct policy_field link_fields[] = {
	{.offset = PCI_EXP_LNKCAP, .size = 4, .keep = LINK, .zero = ~LINK},
	{.offset = PCI_EXP_LNKCTL,
	 .size = 2,
	 .zero = 0xffff & ~LNKCTL_OPEN,
	 .writable = LNKCTL_OPEN},
	/* Read from the device: the host's link changes its speed with the
	 * load. */
	{.offset = PCI_EXP_LNKSTA, .size = 2, .zero = 0xffff & ~STATUS},
	{.offset = PCI_EXP_LNKCAP2, .size = 4, .keep = SPEEDS, .zero = ~SPEEDS},
	{.offset = PCI_EXP_LNKCTL2,
	 .size = 4,
	 .zero = ALL & ~(uint32_t)PCI_EXP_LNKCTL2_TLS,
	 .writable = PCI_EXP_LNKCTL2_TLS},
};

static void show_link(struct config *config, const uint8_t *image,
		      unsigned int at, unsigned int length)
{
	const struct policy_fields fields = {
		link_fields, sizeof(link_fields) / sizeof(link_fields[0])};
	unsigned int cap = at + PCI_EXP_LNKCAP;
	unsigned int status = at + PCI_EXP_LNKSTA;

	capability_apply_fields(config, fields, image,
				(struct capability_place){at, 2, length});
	/* The host's settings are hidden from the guest. */
	config->value[at + PCI_EXP_LNKCTL] = 0;
	/* An integrated endpoint of the host has no link, and some virtual
	 * functions no link status. */
	if (!(config_value(config, cap, 4) & PCI_EXP_LNKCAP_MLW)) {
		config_set_constant(config, cap, 4, SLOWEST);
		config_set_constant(config, status, 2, SLOWEST);
		if (length >= PCI_EXP_LNKCTL2)
			config_set_constant(config, at + PCI_EXP_LNKCAP2, 4,
					    PCI_EXP_LNKCAP2_SLS_2_5GB);
	} else if (!(bytes_get(image + status, 2) & PCI_EXP_LNKSTA_NLW)) {
		config_set_constant(config, status, 2,
				    config_value(config, cap, 2) & STATUS);
	}
}

/* The guest sets the same payload size in its port and in the device; the host
 * has set the size that the device uses. */
static void agree_on_payload(struct config *config, unsigned int control)
{
	config->value[control] &= (uint8_t)~PCI_EXP_DEVCTL_PAYLOAD;
	config->writable[control] |= PCI_EXP_DEVCTL_PAYLOAD;
}

void express_settle(struct config *config, const struct config_source *source,
		    unsigned int at, unsigned int length)
{
	unsigned int flags = config_value(config, at + PCI_EXP_FLAGS, 2);
	unsigned int type = (flags & PCI_EXP_FLAGS_TYPE) >> 4;
	bool link = source->below_port && length >= PCI_EXP_SLTCAP;

	config->exp = at;
	/* On a root bus an endpoint must be an integrated endpoint, and below a
	 * port it must not: some systems refuse to drive it otherwise. */
	if (!link &&
	    (type == PCI_EXP_TYPE_ENDPOINT || type == PCI_EXP_TYPE_LEG_END))
		type = PCI_EXP_TYPE_RC_END;
	else if (link && type == PCI_EXP_TYPE_RC_END)
		type = PCI_EXP_TYPE_ENDPOINT;
	if (link) {
		show_link(config, source->image, at, length);
		agree_on_payload(config, at + PCI_EXP_DEVCTL);
	}
	/* Only ports have the slot bit. */
	flags &= ~(unsigned int)(PCI_EXP_FLAGS_TYPE | PCI_EXP_FLAGS_SLOT);
	config_set_constant(config, at + PCI_EXP_FLAGS, 2, flags | type << 4);
}
