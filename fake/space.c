// SPDX-License-Identifier: MIT
// What is mapped in a scripted container or I/O address space.

#include <errno.h>

#include "fake/internal.h"

void fake_space_init(struct fake_space *space)
{
	space->pgsizes = 0xfffffffffffff000;
	space->range_count = 2;
	space->ranges[0].last = 0xfedfffff;
	space->ranges[1].first = 0xfef00000;
	space->ranges[1].last = (1ull << 47) - 1;
}

static uint64_t fake_mapping_last(const struct fake_mapping *m)
{
	return m->iova + (m->size - 1);
}

int fake_space_map(struct fake_space *space, uint64_t iova, uint64_t vaddr,
		   uint64_t size, uint32_t flags)
{
	struct fake_mapping *m;
	uint64_t last = iova + (size - 1);

	if (space->map_error)
		return -space->map_error;
	if (!size || (iova | vaddr | size) % 4096 || last < iova)
		return -EINVAL;
	for (unsigned int i = 0; i < space->mapping_count; i++) {
		m = &space->mappings[i];
		if (iova <= fake_mapping_last(m) && m->iova <= last)
			return -EEXIST;
	}
	if (space->mapping_count == FAKE_MAPPINGS)
		return -ENOSPC;
	m = &space->mappings[space->mapping_count++];
	m->iova = iova;
	m->size = size;
	m->vaddr = vaddr;
	m->flags = flags;
	return 0;
}

uint64_t fake_space_unmap(struct fake_space *space, uint64_t first,
			  uint64_t last)
{
	uint64_t done = 0;

	for (unsigned int i = 0; i < space->mapping_count; i++) {
		struct fake_mapping *m = &space->mappings[i];

		if (m->iova < first || fake_mapping_last(m) > last)
			continue;
		done += m->size;
		*m = space->mappings[--space->mapping_count];
		i--;
	}
	return done - (space->short_unmap && done ? 4096 : 0);
}
