/* SPDX-License-Identifier: MIT */
/* Base address registers of the device, and the guest's values of them. Pure.
 */
#ifndef LIB_PCI_BAR_H
#define LIB_PCI_BAR_H

#include <lend/pci.h>

#define BAR_COUNT 7 /* six and the expansion ROM */

struct config;

struct bar {
	struct lend_pci_bar guest;
	unsigned int reg; /* offset of its register */

	/* Where the virtual machine has placed it. */
	bool placed;
	uint64_t base;

	/* The virtual machine refused its present address. */
	bool refused;
	bool refusal_warned;

	/* A half of the register was written to size the BAR while it decodes.
	 */
	bool sizing[2];
};

/*
 * Derives BARs from the flags in an image of configuration space and the sizes
 * of the regions. Returns 0, or -EBADMSG with a clause in *@fault.
 */
int bar_probe(struct bar bars[BAR_COUNT], const uint8_t *image,
	      const uint64_t region_sizes[BAR_COUNT], const char **fault);

/* The writable bits of a half of the register. */
uint32_t bar_mask(const struct bar *bar, unsigned int half);

/* Whether the command register enables accesses of its kind. */
bool bar_decodes(const struct bar *bar, const struct config *config);

/* Whether the guest's registers place the BAR, and where. */
bool bar_wanted(const struct bar *bar, const struct config *config,
		uint64_t *base);

/* Updates the BAR after the guest has written to [@offset, +@size) of the view.
 */
void bar_written(struct bar *bar, const struct config *config,
		 unsigned int offset, unsigned int size);

#endif
