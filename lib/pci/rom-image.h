/* SPDX-License-Identifier: MIT */
/* Images in an expansion ROM. Pure. */
#ifndef LIB_PCI_ROM_IMAGE_H
#define LIB_PCI_ROM_IMAGE_H

#include <stddef.h>
#include <stdint.h>

struct rom_ids {
	uint16_t from_vendor; /* vendor of the images to change */
	uint16_t vendor;      /* new IDs */
	uint16_t device;
};

/*
 * Changes each image for a device of @ids->from_vendor to @ids->vendor and
 * @ids->device. Invalid images are left unchanged.
 */
void rom_image_patch(uint8_t *rom, size_t size, const struct rom_ids *ids);

#endif
