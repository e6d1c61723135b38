// SPDX-License-Identifier: MIT
// Faults in guest RAM on several processors: clearing pages dominates the time
// that a guest with a lent device takes to start.
#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

#include "vmm/base/crew.h"
#include "vmm/base/progress.h"
#include "vmm/memory/prefault.h"

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

/* Below this size, starting a thread costs more time than it saves. */
#define SHARE (UINT64_C(128) << 20)

/* More threads contend for locks in the kernel. */
#define THREADS_MAX CREW_MAX

/*
 * While a piece is populated, the kernel holds the mmap lock: a waiting writer
 * blocks the guest's page faults, and the call cannot be cancelled.
 */
#define PIECE (UINT64_C(128) << 20)

struct part {
	char *base;
	uint64_t size;
	uint64_t piece;
	const atomic_bool *cancel;
	struct progress *progress;
	int err;
};

unsigned int prefault_threads(uint64_t size, unsigned int cpus)
{
	uint64_t shares = size / SHARE;
	unsigned int threads = cpus < THREADS_MAX ? cpus : THREADS_MAX;

	if (shares < threads)
		threads = (unsigned int)shares;
	return threads ? threads : 1;
}

unsigned int prefault_cpus(uint64_t size)
{
	cpu_set_t cpus;

	if (prefault_threads(size, THREADS_MAX) == 1)
		return 1;
	/* Fails if there are more processors than the set holds. */
	return sched_getaffinity(0, sizeof(cpus), &cpus)
		       ? THREADS_MAX
		       : (unsigned int)CPU_COUNT(&cpus);
}

static void fault_in_pages(void *opaque, size_t i)
{
	struct part *part = &((struct part *)opaque)[i];

	for (uint64_t at = 0; !part->err && at < part->size;
	     at += part->piece) {
		uint64_t left = part->size - at;
		uint64_t size = left < part->piece ? left : part->piece;

		if (part->cancel && *part->cancel)
			part->err = -ECANCELED;
		else if (madvise(part->base + at, size, MADV_POPULATE_WRITE) <
			 0)
			part->err = -errno;
		else if (part->progress)
			progress_add(part->progress, size);
	}
}

int prefault_pages(void *base, uint64_t size, uint64_t unit,
		   unsigned int threads, const atomic_bool *cancel,
		   struct progress *progress)
{
	uint64_t units = (size + unit - 1) / unit;
	struct part parts[THREADS_MAX] = {0};
	unsigned int count = threads < THREADS_MAX ? threads : THREADS_MAX;
	uint64_t at = 0;
	int err = 0;

	for (unsigned int i = 0; i < count; i++) {
		uint64_t end = units * (i + 1) / count * unit;

		end = end < size ? end : size;
		parts[i].base = (char *)base + at;
		parts[i].size = end - at;
		parts[i].piece = unit > PIECE ? unit : PIECE;
		parts[i].cancel = cancel;
		parts[i].progress = progress;
		at = end;
	}
	crew_run(count, count, fault_in_pages, parts);
	for (unsigned int i = 0; i < count; i++)
		err = err ? err : parts[i].err;
	return err;
}
