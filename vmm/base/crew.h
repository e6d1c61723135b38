/* SPDX-License-Identifier: MIT */
/* Work that is done by several threads at once. */
#ifndef VMM_BASE_CREW_H
#define VMM_BASE_CREW_H

#include <stddef.h>

#define CREW_MAX 16 /* threads, with the caller's */

/*
 * Calls work(opaque, i) for each i below @count, on whichever of @threads
 * threads is free first; one of them is the caller's. Returns when all calls
 * have returned. Where threads cannot be created, fewer are used.
 */
void crew_run(size_t threads, size_t count,
	      void (*work)(void *opaque, size_t i), void *opaque);

#endif
