// SPDX-License-Identifier: MIT
// Device-tree bindings: what a device's node in a guest must have.

#include <string.h>

#include "lib/platform/binding.h"
#include "lib/platform/tree.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* bindings/net/amd-xgbe.txt, and the MAC address of ethernet-controller.yaml.
 * An array of settings has a value for each of three speeds. */
static const struct binding_property xgbe[] = {
	{"clocks", true, 8, NULL},
	{"clock-names", true, 0, "dma_clk ptp_clk"},
	{"phy-mode", true, 0, NULL},
	{"mac-address", false, 6, NULL},
	{"local-mac-address", false, 6, NULL},
	{"amd,per-channel-interrupt", false, 0, NULL},
	{"amd,speed-set", false, 4, NULL},
	{"amd,serdes-blwc", false, 12, NULL},
	{"amd,serdes-cdr-rate", false, 12, NULL},
	{"amd,serdes-pq-skew", false, 12, NULL},
	{"amd,serdes-tx-amp", false, 12, NULL},
	{"amd,serdes-dfe-tap-config", false, 12, NULL},
	{"amd,serdes-dfe-tap-enable", false, 12, NULL},
};

static const struct binding bindings[] = {
	{
		.compatible = "calxeda,hb-xgmac",
		.why = "its binding allows no other property, so that nothing "
		       "else of the host's node may be copied",
		.min_regions = 1,
		.max_regions = 1,
		.min_irqs = 2,
		.max_irqs = 3,
	},
	{
		.compatible = "amd,xgbe-seattle-v1a",
		.why = "the older form of the binding puts the PHY into a node "
		       "of its own, which is not lent",
		.min_regions = 5,
		.max_regions = 5,
		/* the device's, one for each channel, the PCS's */
		.min_irqs = 2,
		.max_irqs = 2 + 16,
		.properties = xgbe,
		.count = COUNT(xgbe),
	},
};

static const struct binding generic = {
	.why = "a guest can use the host's properties, unless they refer to "
	       "other parts of the host",
};

static const struct {
	const char *front_end;
	const char *compatible;
} front_ends[] = {
	{"vfio-calxeda-xgmac", "calxeda,hb-xgmac"},
	{"vfio-amd-xgbe", "amd,xgbe-seattle-v1a"},
};

const struct binding *binding_find(const struct dt_node *node)
{
	const struct dt_property *list = dt_get(node, "compatible");
	const char *word;

	for (unsigned int i = 0; (word = dt_string(list, i)); i++)
		for (unsigned int b = 0; b < COUNT(bindings); b++)
			if (!strcmp(word, bindings[b].compatible))
				return &bindings[b];
	return &generic;
}

const char *binding_of_front_end(const char *front_end)
{
	for (unsigned int i = 0; front_end && i < COUNT(front_ends); i++)
		if (!strcmp(front_end, front_ends[i].front_end))
			return front_ends[i].compatible;
	return NULL;
}
