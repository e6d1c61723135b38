/* SPDX-License-Identifier: MIT */
/* Guest RAM faulted in by several processors at once. */
#ifndef VMM_MEMORY_PREFAULT_H
#define VMM_MEMORY_PREFAULT_H

#include <stdatomic.h>
#include <stdint.h>

/* How many threads are worth it for so many bytes: 1 is the caller alone. */
unsigned int prefault_threads(uint64_t size, unsigned int cpus);

/* The processors that this process may use, asked for where @size bytes are
 * enough for more than one. */
unsigned int prefault_cpus(uint64_t size);

/*
 * Fault in @size bytes at @base for writing, by @threads threads, each a
 * part of whole units of @unit bytes, a power of two, so that no large page is
 * faulted in twice. Returns 0, or -errno, -ECANCELED once `*cancel` is true,
 * which may be NULL; some of it may be there then.
 */
int prefault_pages(void *base, uint64_t size, uint64_t unit,
		   unsigned int threads, const atomic_bool *cancel);

#endif
