/* SPDX-License-Identifier: MIT */
/* Dispatch of trapped guest accesses (MMIO or port I/O) to their handlers. */
#ifndef VMM_BASE_BUS_H
#define VMM_BASE_BUS_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/memory/range.h"

/*
 * Handlers run on the accessing vCPU's thread, several at a time, with no bus
 * lock held: a handler may add and remove ranges, its own included. @offset
 * counts from the range's base; @size is 1, 2, 4 or 8 and the access lies
 * wholly inside the range, but it need not be aligned.
 */
struct bus_ops {
	uint64_t (*read)(void *opaque, uint64_t offset, unsigned int size);
	void (*write)(void *opaque, uint64_t offset, unsigned int size,
		      uint64_t value);
};

struct bus_entry {
	struct range range;
	const struct bus_ops *ops; /* borrowed */
	void *opaque;              /* borrowed */
};

struct bus {
	pthread_rwlock_t lock;
	struct bus_entry *entries; /* sorted by base, never overlapping */
	size_t count;
	size_t capacity;
};

void bus_init(struct bus *bus);
void bus_destroy(struct bus *bus);

/*
 * Route accesses inside @range to @ops. Returns 0, -EINVAL (empty or
 * wrapping range), -EEXIST (overlaps another range) or -ENOMEM. It records no
 * error: ranges are mostly placed by the guest, whose mistakes are its own.
 */
int bus_add(struct bus *bus, struct range range, const struct bus_ops *ops,
	    void *opaque);

/*
 * Remove the range that starts at @base; nothing if there is none. A handler
 * that another vCPU entered before may still be running on return, so
 * @opaque must stay alive until the vCPUs are stopped.
 */
void bus_remove(struct bus *bus, uint64_t base);

/*
 * Perform an access of 1 to 8 bytes. Bytes that no range answers read as all
 * ones and swallow writes; so does an access that straddles a range's end.
 */
void bus_read(struct bus *bus, uint64_t addr, void *data, unsigned int size);
void bus_write(struct bus *bus, uint64_t addr, const void *data,
	       unsigned int size);

#endif
