/* SPDX-License-Identifier: MIT */
/* Base address registers: what the device has, and what the guest's values
 * mean. Pure. */
#ifndef LIB_PCI_BAR_H
#define LIB_PCI_BAR_H

#include <lend/pci.h>

#define BAR_COUNT 7 /* six and the expansion ROM */

struct config;

struct bar {
	struct lend_pci_bar guest;
	unsigned int reg; /* offset of its register */

	/* Where the guest's machine has it. */
	bool placed;
	uint64_t base;

	/* The machine would not have it at its present value. */
	bool refused;
	bool refusal_told;

	/* A half of the register was written to ask for the size, while the BAR
	 * decodes. */
	bool sizing[2];
};

/*
 * Works out BARs from the flags in a configuration space's image and the sizes
 * of the regions behind them. Returns 0, or -EBADMSG with a sentence in *fault.
 */
int bar_probe(struct bar bars[BAR_COUNT], const uint8_t *image,
	      const uint64_t region_sizes[BAR_COUNT], const char **fault);

/* Bits of a half of the register that can be written. */
uint32_t bar_mask(const struct bar *bar, unsigned int half);

/* Whether accesses of its kind are switched on. */
bool bar_decodes(const struct bar *bar, const struct config *config);

/* Whether the guest wants the BAR to answer, and where. */
bool bar_wanted(const struct bar *bar, const struct config *config,
		uint64_t *base);

/* Takes notice of a write to [@offset, +@size), after the view has changed. */
void bar_written(struct bar *bar, const struct config *config,
		 unsigned int offset, unsigned int size);

#endif
