// SPDX-License-Identifier: MIT
// Resizable BARs: shows the current size as the only one, since a region cannot
// change its size while the device is open.

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/pci/rebar.h"

#define LEAST (1ull << 20) /* the capability's unit */
#define IN_CONTROL                                                             \
	28 /* 256 TiB: the control register has the bits from there on */

/* The binary logarithm of a BAR's size in MiB, or -1 if there is no such BAR or
 * it is smaller. */
static int rebar_power_of(const struct lend_pci_bar *bar)
{
	int power = 0;

	if (bar->io || bar->size < LEAST)
		return -1;
	while (LEAST << power < bar->size)
		power++;
	return power;
}

static const char *rebar_settle_one(struct config *config, const uint8_t *image,
				    const struct bar bars[BAR_COUNT],
				    unsigned int at)
{
	uint32_t control = (uint32_t)bytes_get(image + at + 4, 4);
	unsigned int index = control & PCI_REBAR_CTRL_BAR_IDX;
	uint32_t sizes = 0;
	int power;

	if (index >= LEND_PCI_BAR_ROM)
		return "it refers to an invalid BAR number";
	power = rebar_power_of(&bars[index].guest);
	if (power < 0)
		return "it refers to a BAR that does not exist or is smaller "
		       "than 1 MiB";
	control &= PCI_REBAR_CTRL_BAR_IDX | PCI_REBAR_CTRL_NBAR_MASK;
	control |= (uint32_t)power << PCI_REBAR_CTRL_BAR_SHIFT;
	if (power < IN_CONTROL)
		sizes = 1u << (power + 4);
	else
		control |= 1u << (power - IN_CONTROL + 16);
	config_set_constant(config, at, 4, sizes);
	config_set_constant(config, at + 4, 4, control);
	return NULL;
}

const char *rebar_settle(struct config *config, const uint8_t *image,
			 const struct bar bars[BAR_COUNT], unsigned int at,
			 unsigned int length)
{
	const char *why = length < 12 ? "it refers to no BAR" : NULL;
	unsigned int i;

	for (i = PCI_REBAR_CAP; !why && i + 8 <= length; i += 8)
		why = rebar_settle_one(config, image, bars, at + i);
	return why;
}
