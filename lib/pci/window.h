/* SPDX-License-Identifier: MIT */
/* Windows: the parts of a BAR that a guest reaches without our help. Pure. */
#ifndef LIB_PCI_WINDOW_H
#define LIB_PCI_WINDOW_H

#include <lend/pci.h>
#include <lend/region.h>

#include "lib/pci/message.h"

struct window {
	unsigned int bar;
	uint64_t offset; /* of the BAR, whole pages */
	uint64_t size;   /* whole pages, or all of a smaller BAR */
	void *vaddr; /* in this process, NULL where it could not be mapped */
	bool mapped; /* the guest reaches it */
	bool shared; /* devices do, at @iova */
	uint64_t iova;
};

/*
 * Cuts the pages that MSI-X's pending bits touch out of what can be mapped of
 * BAR @bar, from which opening the device has cut the table. Of a BAR smaller
 * than a page it lets all be mapped where nothing else is in its page. Adds to
 * the @count windows there are, at most
 * @max, and returns how many there are then. @page is a power of two.
 */
unsigned int window_cut(struct window *windows, unsigned int count,
			unsigned int max, unsigned int bar,
			const struct lend_region *region, uint64_t bar_size,
			const struct msix_layout *msix, uint64_t page);

/*
 * Takes the pages that [@offset, +@size) of BAR @bar touches out of the @count
 * windows there are, at most @max; what there is no room for is no window.
 * Returns how many there are then.
 */
unsigned int window_cut_out(struct window *windows, unsigned int count,
			    unsigned int max, unsigned int bar, uint64_t offset,
			    uint64_t size, uint64_t page);

#endif
