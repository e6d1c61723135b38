// SPDX-License-Identifier: MIT
// The ledger of mappings: a sorted array, since mappings are few and large.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/iommu/ledger.h"

int ledger_reserve(struct ledger *ledger)
{
	unsigned int room = ledger->room ? 2 * ledger->room : 16;
	struct mapping *mappings;

	if (ledger->count < ledger->room)
		return 0;
	mappings = reallocarray(ledger->mappings, room, sizeof(*mappings));
	if (!mappings)
		return -ENOMEM;
	ledger->mappings = mappings;
	ledger->room = room;
	return 0;
}

static uint64_t ledger_last_of(const struct mapping *mapping)
{
	return mapping->iova + (mapping->size - 1);
}

/* Index of the first mapping that ends at or after an address. */
static unsigned int find_from(const struct ledger *ledger, uint64_t iova)
{
	unsigned int low = 0, high = ledger->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (ledger_last_of(&ledger->mappings[middle]) < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct mapping *ledger_overlap(const struct ledger *ledger, uint64_t iova,
				     uint64_t size)
{
	unsigned int i = find_from(ledger, iova);

	if (i == ledger->count || ledger->mappings[i].iova > iova + (size - 1))
		return NULL;
	return &ledger->mappings[i];
}

const struct mapping *ledger_find(const struct ledger *ledger, uint64_t iova,
				  uint64_t size)
{
	unsigned int i = find_from(ledger, iova);
	const struct mapping *mapping;

	/* There is no array before the first mapping. */
	if (i == ledger->count)
		return NULL;
	mapping = &ledger->mappings[i];
	return mapping->iova == iova && mapping->size == size ? mapping : NULL;
}

struct mapping_run ledger_run(const struct ledger *ledger, uint64_t iova,
			      uint64_t size)
{
	unsigned int first = find_from(ledger, iova);
	struct mapping_run run = {.first = first};

	for (unsigned int i = first; i < ledger->count; i++) {
		const struct mapping *mapping = &ledger->mappings[i];

		if (mapping->iova > iova + (size - 1))
			break;
		run.iova = ledger->mappings[first].iova;
		run.size = mapping->iova - run.iova + mapping->size;
		run.bytes += mapping->size;
		run.count++;
	}
	return run;
}

void ledger_add(struct ledger *ledger, const struct mapping *mapping)
{
	unsigned int i = find_from(ledger, mapping->iova);

	memmove(&ledger->mappings[i + 1], &ledger->mappings[i],
		(ledger->count - i) * sizeof(*mapping));
	ledger->mappings[i] = *mapping;
	ledger->count++;
	ledger->bytes += mapping->size;
}

void ledger_remove_run(struct ledger *ledger, const struct mapping_run *run)
{
	const struct mapping *mappings = ledger->mappings;

	ledger->bytes -= run->bytes;
	ledger->count -= run->count;
	memmove(&ledger->mappings[run->first],
		&mappings[run->first + run->count],
		(ledger->count - run->first) * sizeof(*mappings));
}

void ledger_clear(struct ledger *ledger)
{
	ledger->count = 0;
	ledger->bytes = 0;
}

void ledger_free(struct ledger *ledger)
{
	free(ledger->mappings);
	memset(ledger, 0, sizeof(*ledger));
}
