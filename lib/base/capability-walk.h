/* SPDX-License-Identifier: MIT */
/* The capability lists of a PCI configuration space, walked with a bound. Pure.
 */
#ifndef LIB_BASE_CAPABILITY_WALK_H
#define LIB_BASE_CAPABILITY_WALK_H

#include <stdint.h>

/* Bytes of the part that plain PCI has, and of the whole. */
#define CAPABILITIES_STANDARD_SIZE 256
#define CAPABILITIES_SIZE          4096

/* The most capabilities that fit a list, each of the least size. */
#define CAPABILITY_STANDARD_MAX 48
#define CAPABILITY_EXTENDED_MAX 960

struct capability {
	uint16_t at;
	uint16_t id;
};

/*
 * Walk a list: at most the maximum, each in its own place. An invalid list is
 * cut at the fault, and *cut says why; NULL if it is valid. Return how many
 * there are.
 */
unsigned int
capabilities_standard(const uint8_t image[CAPABILITIES_STANDARD_SIZE],
		      struct capability found[CAPABILITY_STANDARD_MAX],
		      const char **cut);
unsigned int
capabilities_extended(const uint8_t image[CAPABILITIES_SIZE],
		      struct capability found[CAPABILITY_EXTENDED_MAX],
		      const char **cut);

/* Return the offset of the first capability of a kind, or 0. */
unsigned int capabilities_find(const uint8_t image[CAPABILITIES_STANDARD_SIZE],
			       uint8_t id);
unsigned int capabilities_find_extended(const uint8_t image[CAPABILITIES_SIZE],
					uint16_t id);

#endif
