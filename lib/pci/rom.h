/* SPDX-License-Identifier: MIT */
/* The expansion ROM: read from the device once, or given by the user. */
#ifndef LIB_PCI_ROM_H
#define LIB_PCI_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/pci.h>

struct rom {
	uint8_t *bytes; /* of the whole BAR; NULL until they are known */
	bool given;     /* by the user, not read */
	bool failed;    /* not read again before the next reset */
	bool told;
};

/* Whether the image that is given has a size that a ROM can have. */
bool rom_options_fit(const struct lend_pci_options *options);

/* Bytes of ROM to present, where the device's own has @size; 0: none. */
uint64_t rom_region_size(const struct lend_pci_options *options, uint64_t size);

/* Takes over a copy of what the options give. Returns 0 or -ENOMEM. */
int rom_give(struct lend_pci *pci, const struct lend_pci_options *options);

/* Reads within the BAR, with the function's lock held. */
void rom_read(struct lend_pci *pci, uint64_t offset, void *data,
	      unsigned int size);

/* After a reset what could not be read is tried anew. */
void rom_reset(struct rom *rom);
void rom_free(struct rom *rom);

#endif
