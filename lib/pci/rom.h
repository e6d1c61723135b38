/* SPDX-License-Identifier: MIT */
/* The expansion ROM, of the device or passed by the user. */
#ifndef LIB_PCI_ROM_H
#define LIB_PCI_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/pci.h>

struct rom {
	uint8_t *bytes; /* of the whole BAR; NULL until it is read */
	bool given;     /* passed by the user */
	bool failed;    /* not retried before the next reset */
	bool warned;
};

/* Whether the size of the passed image and its BAR are valid. */
bool rom_options_fit(const struct lend_pci_options *options);

/* Bytes of ROM to show, where the device's own has @size; 0: none. */
uint64_t rom_region_size(const struct lend_pci_options *options, uint64_t size);

/* Copies the image from the options. Returns 0 or -ENOMEM. */
int rom_give(struct lend_pci *pci, const struct lend_pci_options *options);

/* Reads within the BAR, with the function's lock held. */
void rom_read(struct lend_pci *pci, uint64_t offset, void *data,
	      unsigned int size);

/* After a reset, a ROM that could not be read is read again. */
void rom_reset(struct rom *rom);
void rom_free(struct rom *rom);

#endif
