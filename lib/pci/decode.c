// SPDX-License-Identifier: MIT
// Places BARs and windows in the virtual machine as the view changes.

#include <unistd.h>

#include <lend/client.h>
#include <lend/region.h>

#include "lib/pci/bar.h"
#include "lib/pci/decode.h"
#include "lib/pci/function.h"
#include "lib/pci/pci.h"
#include "lib/pci/vga.h"
#include "lib/pci/window.h"

static uint64_t page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Other devices lose access to a window before the guest does. */
static void decode_unmap_window(struct lend_pci *pci, unsigned int w)
{
	struct window *window = &pci->windows.windows[w];

	if (window->shared)
		lend_region_unmap_dma(pci->device, window->iova, window->size);
	if (window->mapped)
		pci->ops.window_unmap(pci->opaque, w);
	window->shared = window->mapped = false;
}

static void decode_withdraw_bar(struct lend_pci *pci, unsigned int i)
{
	struct bar *bar = &pci->bars[i];
	unsigned int w;

	for (w = 0; w < pci->windows.count; w++)
		if (pci->windows.windows[w].bar == i)
			decode_unmap_window(pci, w);
	pci->ops.bar_drop(pci->opaque, i);
	bar->placed = false;
	pci->dropped = true;
}

/* Lets other devices access a window at the guest's address. */
static void decode_share_window(struct lend_pci *pci, struct window *window,
				uint64_t iova)
{
	int err;

	/* An IOMMU page is at least as large as a processor page. */
	if (!pci->p2p || window->size < page_size())
		return;
	err = lend_region_map_dma(pci->device, window->bar, window->offset,
				  window->size, window->vaddr, iova);
	if (err)
		pci_warn_once(pci, &pci->p2p_warned, err,
			      "other devices cannot access BAR %u by DMA",
			      window->bar);
	window->shared = !err;
	window->iova = iova;
}

static void decode_map_window(struct lend_pci *pci, unsigned int w,
			      uint64_t base)
{
	struct window *window = &pci->windows.windows[w];

	/* A window smaller than a page can be mapped only at the start of a
	 * page. */
	if (!window->vaddr ||
	    (window->size < page_size() && base & (page_size() - 1)))
		return;
	window->mapped =
		!pci->ops.window_map(pci->opaque, w, base + window->offset,
				     window->size, window->vaddr);
	decode_share_window(pci, window, base + window->offset);
}

static void decode_place_bar(struct lend_pci *pci, unsigned int i,
			     uint64_t base)
{
	struct bar *bar = &pci->bars[i];
	unsigned int w;
	int err = pci->ops.bar_place(pci->opaque, i, base);

	if (err) {
		bar->refused = true;
		pci_warn_once(pci, &bar->refusal_warned, err,
			      "guest placed BAR %u at 0x%llx, which is "
			      "occupied or reserved; the BAR is left unmapped",
			      i, (unsigned long long)base);
		return;
	}
	bar->placed = true;
	bar->base = base;
	for (w = 0; w < pci->windows.count; w++)
		if (pci->windows.windows[w].bar == i)
			decode_map_window(pci, w, base);
}

/* What a lost server left in its file is no device's memory. */
static bool decode_wants(const struct lend_pci *pci, const struct bar *bar,
			 uint64_t *base)
{
	return bar_wanted(bar, &pci->config, base) &&
	       !lend_device_is_lost(pci->device);
}

void decode_withdraw(struct lend_pci *pci)
{
	unsigned int i;
	uint64_t base;

	for (i = 0; i < BAR_COUNT; i++) {
		const struct bar *bar = &pci->bars[i];

		if (bar->placed &&
		    (!decode_wants(pci, bar, &base) || base != bar->base))
			decode_withdraw_bar(pci, i);
	}
	vga_withdraw(pci);
}

void decode_place(struct lend_pci *pci)
{
	unsigned int i;
	uint64_t base;

	for (i = 0; i < BAR_COUNT; i++) {
		const struct bar *bar = &pci->bars[i];

		if (!bar->placed && !bar->refused &&
		    decode_wants(pci, bar, &base))
			decode_place_bar(pci, i, base);
	}
	vga_place(pci);
}

void lend_pci_retry(struct lend_pci *pci)
{
	unsigned int i;

	pthread_mutex_lock(&pci->lock);
	for (i = 0; i < BAR_COUNT; i++)
		pci->bars[i].refused = false;
	vga_retry(pci);
	decode_place(pci);
	pthread_mutex_unlock(&pci->lock);
}
