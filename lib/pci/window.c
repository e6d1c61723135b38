// SPDX-License-Identifier: MIT
// Windows: the parts of BARs that a guest accesses directly.

#include <lend/region.h>

#include "lib/pci/message.h"
#include "lib/pci/window.h"

struct window_span {
	uint64_t start;
	uint64_t end; /* exclusive */
};

/* The pages of BAR @bar that hold the pending bits, which are emulated; empty
 * if there are none. */
static struct window_span
find_hole(unsigned int bar, const struct msix_layout *msix, uint64_t page)
{
	if (!msix->count || msix->pba_bar != bar)
		return (struct window_span){0, 0};
	return (struct window_span){
		msix->pba & ~(page - 1),
		(msix->pba + msix_pba_size(msix) + page - 1) & ~(page - 1)};
}

static void window_list_add(struct window_list *list, unsigned int bar,
			    struct window_span range)
{
	if (range.start >= range.end || list->count >= LEND_PCI_WINDOWS)
		return;
	list->windows[list->count++] = (struct window){
		.bar = bar,
		.offset = range.start,
		.size = range.end - range.start,
	};
}

/* Rounds inwards: a page must not show anything beside the area. */
static void window_list_add_area(struct window_list *list, unsigned int bar,
				 struct window_span range,
				 struct window_span hole)
{
	uint64_t mask = ~(list->page - 1);

	range.start = (range.start + list->page - 1) & mask;
	range.end &= mask;
	if (hole.start < range.end && hole.end > range.start) {
		window_list_add(list, bar,
				(struct window_span){range.start, hole.start});
		range.start = hole.end;
	}
	window_list_add(list, bar, range);
}

void window_list_add_bar(struct window_list *list, unsigned int bar,
			 uint64_t bar_size, const struct lend_region *region,
			 const struct msix_layout *msix)
{
	struct window_span hole = find_hole(bar, msix, list->page);
	unsigned int i;

	if (bar_size < list->page) {
		if (region->area_count == 1 && !hole.end &&
		    !region->areas[0].offset &&
		    region->areas[0].size == bar_size)
			window_list_add(list, bar,
					(struct window_span){0, bar_size});
		return;
	}
	for (i = 0; i < region->area_count; i++) {
		uint64_t start = region->areas[i].offset;
		uint64_t end = start + region->areas[i].size;

		if (end < start || end > bar_size ||
		    start > bar_size - list->page)
			continue;
		window_list_add_area(list, bar,
				     (struct window_span){start, end}, hole);
	}
}

/* Leaves the part of a window before @hole, or else the part after it. */
static void window_shrink(struct window *w, struct window_span hole)
{
	uint64_t last = w->offset + w->size;

	if (w->offset >= hole.start)
		w->offset = last < hole.end ? last : hole.end;
	else
		last = hole.start;
	w->size = last - w->offset;
}

void window_list_cut(struct window_list *list, unsigned int bar,
		     struct lend_area area)
{
	const uint64_t mask = ~(list->page - 1);
	const struct window_span hole = {
		area.offset & mask,
		(area.offset + area.size + list->page - 1) & mask,
	};
	unsigned int had = list->count, kept = 0;
	unsigned int i;

	/* If a window is split, its second part is added as a new window. */
	for (i = 0; i < had; i++) {
		const struct window *w = &list->windows[i];
		uint64_t last = w->offset + w->size;

		if (w->bar == bar && w->offset < hole.start && last > hole.end)
			window_list_add(list, bar,
					(struct window_span){hole.end, last});
	}
	for (i = 0; i < list->count; i++) {
		struct window w = list->windows[i];

		if (w.bar == bar && w.offset < hole.end &&
		    w.offset + w.size > hole.start)
			window_shrink(&w, hole);
		if (w.size)
			list->windows[kept++] = w;
	}
	list->count = kept;
}
