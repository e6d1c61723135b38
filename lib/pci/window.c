// SPDX-License-Identifier: MIT
// Windows: the parts of a BAR that a guest reaches without our help.

#include "window.h"

struct range {
	uint64_t start;
	uint64_t end; /* exclusive */
};

static struct range outwards(uint64_t start, uint64_t size, uint64_t page)
{
	return (struct range){start & ~(page - 1),
			      (start + size + page - 1) & ~(page - 1)};
}

/* Pages of BAR @bar that must be trapped, sorted. */
static unsigned int find_holes(struct range holes[2], unsigned int bar,
			       const struct msix_layout *msix, uint64_t page)
{
	unsigned int count = 0;
	struct range swap;

	if (msix->count && msix->table_bar == bar)
		holes[count++] =
			outwards(msix->table, msix_table_size(msix), page);
	if (msix->count && msix->pba_bar == bar)
		holes[count++] = outwards(msix->pba, msix_pba_size(msix), page);
	if (count == 2 && holes[1].start < holes[0].start) {
		swap = holes[0];
		holes[0] = holes[1];
		holes[1] = swap;
	}
	return count;
}

static unsigned int add(struct window *windows, unsigned int count,
			unsigned int max, unsigned int bar, uint64_t start,
			uint64_t end)
{
	if (start >= end || count >= max)
		return count;
	windows[count] = (struct window){
		.bar = bar,
		.offset = start,
		.size = end - start,
	};
	return count + 1;
}

unsigned int window_cut(struct window *windows, unsigned int count,
			unsigned int max, unsigned int bar,
			const struct lend_region *region, uint64_t bar_size,
			const struct msix_layout *msix, uint64_t page)
{
	struct range holes[2];
	unsigned int hole_count = find_holes(holes, bar, msix, page);
	unsigned int i, h;

	if (bar_size < page)
		return region->area_count == 1 && !hole_count &&
				       !region->areas[0].offset &&
				       region->areas[0].size == bar_size
			       ? add(windows, count, max, bar, 0, bar_size)
			       : count;
	for (i = 0; i < region->area_count; i++) {
		uint64_t start = region->areas[i].offset;
		uint64_t end = start + region->areas[i].size;

		/* Inwards: a page that is shared with something else is not
		 * ours to show. */
		if (end < start || end > bar_size || start > bar_size - page)
			continue;
		start = (start + page - 1) & ~(page - 1);
		end &= ~(page - 1);
		for (h = 0; h < hole_count; h++) {
			if (holes[h].end <= start || holes[h].start >= end)
				continue;
			count = add(windows, count, max, bar, start,
				    holes[h].start);
			start = holes[h].end;
		}
		count = add(windows, count, max, bar, start, end);
	}
	return count;
}
