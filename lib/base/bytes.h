/* SPDX-License-Identifier: MIT */
/* Little-endian numbers in byte arrays, which is how PCI stores them. */
#ifndef LIB_BASE_BYTES_H
#define LIB_BASE_BYTES_H

#include <stdint.h>

static inline uint64_t bytes_get(const uint8_t *at, unsigned int size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | at[size];
	return value;
}

static inline void bytes_put(uint8_t *at, unsigned int size, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < size; i++, value >>= 8)
		at[i] = (uint8_t)value;
}

#endif
