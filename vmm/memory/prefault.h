/* SPDX-License-Identifier: MIT */
/* Faults in guest RAM on several processors. */
#ifndef VMM_MEMORY_PREFAULT_H
#define VMM_MEMORY_PREFAULT_H

#include <stdatomic.h>
#include <stdint.h>

struct progress;

/* The number of threads that pay off for @size bytes; 1 is the caller only. */
unsigned int prefault_threads(uint64_t size, unsigned int cpus);

/*
 * The number of processors that this process may use; 1, without a system call,
 * if @size bytes do not pay for more.
 */
unsigned int prefault_cpus(uint64_t size);

/*
 * Fault in @size bytes at @base for writing, on @threads threads. Each thread
 * gets whole units of @unit bytes, a power of two, so that no large page is
 * faulted in twice. @cancel and @progress may be NULL. Returns 0, or -errno;
 * -ECANCELED once
 * `*cancel` is true. After an error some pages may be present.
 */
int prefault_pages(void *base, uint64_t size, uint64_t unit,
		   unsigned int threads, const atomic_bool *cancel,
		   struct progress *progress);

#endif
