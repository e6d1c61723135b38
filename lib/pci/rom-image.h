/* SPDX-License-Identifier: MIT */
/* Images in an expansion ROM. Pure. */
#ifndef LIB_PCI_ROM_IMAGE_H
#define LIB_PCI_ROM_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct rom_ids {
	uint16_t from_vendor; /* whose images are meant */
	uint16_t vendor;      /* what they become */
	uint16_t device;
};

/*
 * Makes each image that is for a device of @ids->from_vendor one for
 * @ids->vendor and @ids->device. What makes no sense is left as it is.
 */
void rom_image_patch(uint8_t *rom, size_t size, const struct rom_ids *ids);

#endif
