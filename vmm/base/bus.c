// SPDX-License-Identifier: MIT
// Dispatch of trapped guest accesses (MMIO or port I/O) to their handlers.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/base/bus.h"

void bus_init(struct bus *bus)
{
	*bus = (struct bus){};
	pthread_rwlock_init(&bus->lock, NULL);
}

void bus_destroy(struct bus *bus)
{
	free(bus->entries);
	pthread_rwlock_destroy(&bus->lock);
	*bus = (struct bus){};
}

/* Index of the first entry that ends after @addr; count if there is none. */
static size_t bus_lower_bound(const struct bus *bus, uint64_t addr)
{
	size_t low = 0, high = bus->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct range *r = &bus->entries[mid].range;

		if (r->base + (r->size - 1) < addr)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static int bus_reserve(struct bus *bus)
{
	size_t capacity = bus->capacity ? 2 * bus->capacity : 16;
	struct bus_entry *entries;

	if (bus->count < bus->capacity)
		return 0;
	entries = reallocarray(bus->entries, capacity, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	bus->entries = entries;
	bus->capacity = capacity;
	return 0;
}

static int bus_insert(struct bus *bus, const struct bus_entry *entry)
{
	size_t at = bus_lower_bound(bus, entry->range.base);
	int err;

	if (at < bus->count &&
	    range_overlaps(bus->entries[at].range, entry->range))
		return -EEXIST;
	err = bus_reserve(bus);
	if (err)
		return err;
	memmove(&bus->entries[at + 1], &bus->entries[at],
		(bus->count - at) * sizeof(*bus->entries));
	bus->entries[at] = *entry;
	bus->count++;
	return 0;
}

int bus_add(struct bus *bus, struct range range, const struct bus_ops *ops,
	    void *opaque)
{
	struct bus_entry entry = {range, ops, opaque};
	int err;

	if (!range_valid(range))
		return -EINVAL;
	pthread_rwlock_wrlock(&bus->lock);
	err = bus_insert(bus, &entry);
	pthread_rwlock_unlock(&bus->lock);
	return err;
}

void bus_remove(struct bus *bus, uint64_t base)
{
	size_t at;

	pthread_rwlock_wrlock(&bus->lock);
	at = bus_lower_bound(bus, base);
	if (at < bus->count && bus->entries[at].range.base == base) {
		bus->count--;
		memmove(&bus->entries[at], &bus->entries[at + 1],
			(bus->count - at) * sizeof(*bus->entries));
	}
	pthread_rwlock_unlock(&bus->lock);
}

/* The entry that holds all of [addr, addr + size), copied out. */
static bool bus_find(struct bus *bus, uint64_t addr, unsigned int size,
		     struct bus_entry *entry)
{
	bool found;
	size_t at;

	pthread_rwlock_rdlock(&bus->lock);
	at = bus_lower_bound(bus, addr);
	found = at < bus->count &&
		range_contains(bus->entries[at].range, addr, size);
	if (found)
		*entry = bus->entries[at];
	pthread_rwlock_unlock(&bus->lock);
	return found;
}

/* KVM cuts accesses at page ends, which leaves odd sizes: take powers of 2. */
static unsigned int bus_piece_size(unsigned int size)
{
	return size >= 8 ? 8 : size >= 4 ? 4 : size >= 2 ? 2 : 1;
}

void bus_read(struct bus *bus, uint64_t addr, void *data, unsigned int size)
{
	uint8_t *bytes = data;

	while (size) {
		unsigned int piece = bus_piece_size(size);
		struct bus_entry entry;
		uint64_t value = UINT64_MAX;

		if (bus_find(bus, addr, piece, &entry))
			value = entry.ops->read(entry.opaque,
						addr - entry.range.base, piece);
		memcpy(bytes, &value, piece);
		bytes += piece;
		addr += piece;
		size -= piece;
	}
}

void bus_write(struct bus *bus, uint64_t addr, const void *data,
	       unsigned int size)
{
	const uint8_t *bytes = data;

	while (size) {
		unsigned int piece = bus_piece_size(size);
		struct bus_entry entry;
		uint64_t value = 0;

		memcpy(&value, bytes, piece);
		if (bus_find(bus, addr, piece, &entry))
			entry.ops->write(entry.opaque, addr - entry.range.base,
					 piece, value);
		bytes += piece;
		addr += piece;
		size -= piece;
	}
}
