/* SPDX-License-Identifier: MIT */
/* Capabilities of a PCI configuration space, found by their ID. */
#ifndef LIB_BASE_CAPABILITY_WALK_H
#define LIB_BASE_CAPABILITY_WALK_H

#include <lend/capability.h>

/* Bytes of the part that plain PCI has, and of the whole. */
#define CAPABILITIES_STANDARD_SIZE 256
#define CAPABILITIES_SIZE          4096

/* Where the first capability of a kind is, or 0. */
unsigned int capabilities_find(const uint8_t image[CAPABILITIES_STANDARD_SIZE],
			       uint8_t id);
unsigned int capabilities_find_extended(const uint8_t image[CAPABILITIES_SIZE],
					uint16_t id);

#endif
