/* SPDX-License-Identifier: MIT */
/* Windows: the parts of BARs that a guest accesses directly. Pure. */
#ifndef LIB_PCI_WINDOW_H
#define LIB_PCI_WINDOW_H

#include <lend/pci.h>
#include <lend/region.h>

#include "lib/pci/message.h"

struct window {
	unsigned int bar;
	uint64_t offset; /* of the BAR, whole pages */
	uint64_t size;   /* whole pages, or all of a smaller BAR */
	void *vaddr;     /* in this process, NULL if it could not be mapped */
	bool mapped;     /* mapped in the guest */
	bool shared;     /* other devices can access it at @iova */
	uint64_t iova;
};

/* The windows of a function. Start with @page, a power of two, and no window.
 */
struct window_list {
	struct window windows[LEND_PCI_WINDOWS];
	unsigned int count;
	uint64_t page;
};

/*
 * Adds the mappable areas of BAR @bar, of @bar_size bytes, without the pages of
 * MSI-X pending bits; opening the device has cut the table out. A BAR smaller
 * than a page is added only as a whole, and only if nothing else is in its
 * page. Windows beyond LEND_PCI_WINDOWS are left out.
 */
void window_list_add_bar(struct window_list *list, unsigned int bar,
			 uint64_t bar_size, const struct lend_region *region,
			 const struct msix_layout *msix);

/* Cuts the pages of @area of BAR @bar out of all windows. A part for which
 * there is no room is dropped. */
void window_list_cut(struct window_list *list, unsigned int bar,
		     struct lend_area area);

#endif
