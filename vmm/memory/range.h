/* SPDX-License-Identifier: MIT */
/* A range of guest addresses, with overflow-safe checks. */
#ifndef VMM_MEMORY_RANGE_H
#define VMM_MEMORY_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* [base, base + size); valid if size > 0 and the last byte does not wrap. */
struct range {
	uint64_t base;
	uint64_t size;
};

static inline bool range_valid(struct range r)
{
	return r.size && r.base <= UINT64_MAX - (r.size - 1);
}

/* Both must be valid. */
static inline bool range_overlaps(struct range a, struct range b)
{
	return a.base <= b.base + (b.size - 1) &&
	       b.base <= a.base + (a.size - 1);
}

/* The next power of two; 0 when that is 2^64. */
static inline uint64_t range_round_up(uint64_t size)
{
	uint64_t power = 1;

	while (power && power < size)
		power <<= 1;
	return power;
}

/* @align is a power of two. */
static inline uint64_t range_align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static inline bool range_contains(struct range r, uint64_t at, uint64_t size)
{
	return at >= r.base && at - r.base < r.size &&
	       size <= r.size - (at - r.base);
}

#endif
