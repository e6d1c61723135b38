// SPDX-License-Identifier: MIT
// Windows: the parts of a BAR that a guest reaches without our help.

#include <lend/region.h>

#include "lib/pci/message.h"
#include "lib/pci/window.h"

struct range {
	uint64_t start;
	uint64_t end; /* exclusive */
};

/* Pages of BAR @bar that hold pending bits, which the guest reads from us; none
 * where they start and end at 0. */
static struct range find_hole(unsigned int bar, const struct msix_layout *msix,
			      uint64_t page)
{
	if (!msix->count || msix->pba_bar != bar)
		return (struct range){0, 0};
	return (struct range){msix->pba & ~(page - 1),
			      (msix->pba + msix_pba_size(msix) + page - 1) &
				      ~(page - 1)};
}

static unsigned int window_add(struct window *windows, unsigned int count,
			       unsigned int max, unsigned int bar,
			       uint64_t start, uint64_t end)
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
	struct range hole = find_hole(bar, msix, page);
	unsigned int i;

	if (bar_size < page)
		return region->area_count == 1 && !hole.end &&
				       !region->areas[0].offset &&
				       region->areas[0].size == bar_size
			       ? window_add(windows, count, max, bar, 0,
					    bar_size)
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
		if (hole.start < end && hole.end > start) {
			count = window_add(windows, count, max, bar, start,
					   hole.start);
			start = hole.end;
		}
		count = window_add(windows, count, max, bar, start, end);
	}
	return count;
}

unsigned int window_cut_out(struct window *windows, unsigned int count,
			    unsigned int max, unsigned int bar, uint64_t offset,
			    uint64_t size, uint64_t page)
{
	uint64_t start = offset & ~(page - 1);
	uint64_t end = (offset + size + page - 1) & ~(page - 1);
	unsigned int had = count, kept = 0;
	unsigned int i;

	/* What follows the hole goes behind the windows there are. */
	for (i = 0; i < had; i++) {
		const struct window *w = &windows[i];
		uint64_t last = w->offset + w->size;

		if (w->bar == bar && w->offset < end && last > end &&
		    w->offset < start)
			count = window_add(windows, count, max, bar, end, last);
	}
	for (i = 0; i < count; i++) {
		struct window w = windows[i];
		uint64_t last = w.offset + w.size;

		if (w.bar == bar && w.offset < end && last > start) {
			if (w.offset >= start)
				w.offset = last < end ? last : end;
			else
				last = start;
			w.size = last - w.offset;
		}
		if (w.size)
			windows[kept++] = w;
	}
	return kept;
}
