// SPDX-License-Identifier: MIT
// The ledger of mappings: a balanced tree, since a caller may have many.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/ledger-entry.h"

#define LEDGER_ROOM_MAX (1u << 31)

int ledger_reserve(struct ledger *ledger)
{
	unsigned int room = ledger->room ? 2 * ledger->room : 16;
	struct ledger_entry *entries;

	if (ledger->spare || ledger->used < ledger->room)
		return 0;
	if (ledger->room == LEDGER_ROOM_MAX)
		return -ENOMEM;
	entries = reallocarray(ledger->entries, room, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	if (!ledger->room) {
		entries[0] = (struct ledger_entry){0};
		ledger->used = 1;
	}
	ledger->entries = entries;
	ledger->room = room;
	return 0;
}

/* The first mapping that ends at or after an address, or NULL. */
static const struct mapping *find_from(const struct ledger *ledger,
				       uint64_t iova)
{
	const struct mapping *found = NULL;
	unsigned int at = ledger->root;

	while (at) {
		const struct ledger_entry *entry = &ledger->entries[at];
		bool is_below = mapping_last(&entry->mapping) < iova;

		if (!is_below)
			found = &entry->mapping;
		at = is_below ? entry->right : entry->left;
	}
	return found;
}

/* The last mapping that starts at or before an address, or NULL. */
static const struct mapping *find_to(const struct ledger *ledger, uint64_t last)
{
	const struct mapping *found = NULL;
	unsigned int at = ledger->root;

	while (at) {
		const struct ledger_entry *entry = &ledger->entries[at];
		bool is_above = entry->mapping.iova > last;

		if (!is_above)
			found = &entry->mapping;
		at = is_above ? entry->left : entry->right;
	}
	return found;
}

const struct mapping *ledger_overlap(const struct ledger *ledger, uint64_t iova,
				     uint64_t size)
{
	const struct mapping *mapping = find_from(ledger, iova);

	return mapping && mapping->iova <= iova + (size - 1) ? mapping : NULL;
}

const struct mapping *ledger_overlap_last(const struct ledger *ledger,
					  uint64_t iova, uint64_t size)
{
	const struct mapping *mapping = find_to(ledger, iova + (size - 1));

	return mapping && mapping_last(mapping) >= iova ? mapping : NULL;
}

const struct mapping *ledger_find(const struct ledger *ledger, uint64_t iova,
				  uint64_t size)
{
	const struct mapping *mapping = find_from(ledger, iova);

	return mapping && mapping->iova == iova && mapping->size == size
		       ? mapping
		       : NULL;
}

struct mapping_run ledger_run(const struct ledger *ledger, uint64_t iova,
			      uint64_t size)
{
	uint64_t last = iova + (size - 1);
	const struct mapping *mapping = ledger_overlap(ledger, iova, size);
	struct mapping_run run = {.iova = mapping ? mapping->iova : 0};

	while (mapping) {
		uint64_t end = mapping_last(mapping);

		run.size = end - run.iova + 1;
		run.bytes += mapping->size;
		run.count++;
		mapping = end < last
				  ? ledger_overlap(ledger, end + 1, last - end)
				  : NULL;
	}
	return run;
}

void ledger_remove_run(struct ledger *ledger, const struct mapping_run *run)
{
	const struct mapping *mapping;

	for (unsigned int i = 0; i < run->count; i++) {
		mapping = find_from(ledger, run->iova);
		ledger_remove(ledger, mapping->iova);
	}
}

void ledger_clear(struct ledger *ledger)
{
	ledger->root = 0;
	ledger->spare = 0;
	ledger->used = ledger->room ? 1 : 0;
	ledger->count = 0;
	ledger->bytes = 0;
}

void ledger_free(struct ledger *ledger)
{
	free(ledger->entries);
	memset(ledger, 0, sizeof(*ledger));
}
