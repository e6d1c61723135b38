/* SPDX-License-Identifier: MIT */
/* Configuration spaces for tests. */
#ifndef TESTS_UNIT_LIB_PCI_IMAGE_H
#define TESTS_UNIT_LIB_PCI_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/pci/config.h"

/* Little-endian numbers in an image. */
void image_put(uint8_t *image, unsigned int at, unsigned int size,
	       uint32_t value);

/* Links a capability at @at behind the one at @before, 0 for the first. */
void image_add(uint8_t *image, unsigned int before, unsigned int at,
	       uint8_t id);
/* The same in the extended list, whose first is at 0x100. */
void image_add_extended(uint8_t *image, unsigned int before, unsigned int at,
			uint16_t id, unsigned int version);

/* A header of type 0 with INTA#, without BARs and capabilities, and noise in
 * all that is not the header. */
void image_blank(uint8_t image[CONFIG_SIZE]);

/*
 * A function with everything: BAR 0 of 16 KiB, 64-bit; BAR 2 of 32 ports; BAR 4
 * of 64 KiB, 64-bit, prefetchable; a ROM of 64 KiB; MSI with masks at 0x50, 16
 * messages; MSI-X at 0xb0, 8 vectors, table in BAR 0 at 0x1000, pending bits
 * at 0x2800; PM 0x40, PCI Express 0x70, VPD 0xc0, vendor-specific 0xc8, AF
 * 0xd8, HyperTransport 0xe0; extended AER 0x100, DSN 0x150, SR-IOV 0x160,
 * vendor-specific 0x200, ARI 0x220.
 */
void image_full(uint8_t image[CONFIG_SIZE]);
extern const uint64_t image_full_sizes[BAR_COUNT];

/* Whether a byte of image_full() belongs to no capability: it is a register of
 * the device's own. */
bool image_full_is_own(unsigned int at);

#endif
