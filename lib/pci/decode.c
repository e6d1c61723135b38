// SPDX-License-Identifier: MIT
// Where the guest's machine has BARs and windows, kept in step with the view.

#include "pci.h"

static void withdraw(struct lend_pci *pci, unsigned int i)
{
	struct bar *bar = &pci->bars[i];
	unsigned int w;

	for (w = 0; w < pci->window_count; w++) {
		struct window *window = &pci->windows[w];

		if (window->bar != i || !window->mapped)
			continue;
		pci->ops.window_unmap(pci->opaque, w);
		window->mapped = false;
	}
	pci->ops.bar_drop(pci->opaque, i);
	bar->placed = false;
}

static void place(struct lend_pci *pci, unsigned int i, uint64_t base)
{
	struct bar *bar = &pci->bars[i];
	unsigned int w;
	int error = pci->ops.bar_place(pci->opaque, i, base);

	if (error) {
		bar->refused = true;
		pci_warn_once(pci, &bar->refusal_told, error,
			      "guest puts BAR %u at 0x%llx, where it cannot "
			      "be; it answers nowhere",
			      i, (unsigned long long)base);
		return;
	}
	bar->placed = true;
	bar->base = base;
	for (w = 0; w < pci->window_count; w++) {
		struct window *window = &pci->windows[w];

		if (window->bar != i || !window->vaddr)
			continue;
		window->mapped = !pci->ops.window_map(
			pci->opaque, w, base + window->offset, window->size,
			window->vaddr);
	}
}

void decode_withdraw(struct lend_pci *pci)
{
	unsigned int i;
	uint64_t base;

	for (i = 0; i < BAR_COUNT; i++) {
		const struct bar *bar = &pci->bars[i];

		if (bar->placed && (!bar_wanted(bar, &pci->config, &base) ||
				    base != bar->base))
			withdraw(pci, i);
	}
}

void decode_place(struct lend_pci *pci)
{
	unsigned int i;
	uint64_t base;

	for (i = 0; i < BAR_COUNT; i++) {
		const struct bar *bar = &pci->bars[i];

		if (!bar->placed && !bar->refused &&
		    bar_wanted(bar, &pci->config, &base))
			place(pci, i, base);
	}
}
