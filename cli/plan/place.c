// SPDX-License-Identifier: MIT
// Addresses of BARs in a planned machine: the largest first, in its window.

#include <stdlib.h>

#include "cli/plan/machine-plan.h"
#include "cli/plan/place.h"
#include "vmm/memory/layout.h"

struct seat {
	const struct lend_pci_bar *bar;
	uint64_t *at;
	size_t order;
};

static int seat_compare(const void *a, const void *b)
{
	const struct seat *x = a, *y = b;

	if (x->bar->size != y->bar->size)
		return x->bar->size < y->bar->size ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

static bool seat_is_in_window(const struct plan_device *device, unsigned int i,
			      enum layout_bar kind)
{
	const struct lend_pci_bar *bar = &device->bars[i];

	return bar->size &&
	       assign_pci_kind(bar, device->config->place.port > 0) == kind;
}

/* Places BARs one after the other, each naturally aligned. */
static void seat_all(struct machine_plan *plan, struct seat *seats,
		     enum layout_bar kind, struct range window)
{
	uint64_t end = window.base + window.size;
	uint64_t at = window.base;
	size_t count = 0;

	for (size_t d = 0; d < plan->count; d++)
		for (unsigned int i = 0; i < ASSIGN_PCI_BARS; i++)
			if (seat_is_in_window(&plan->devices[d], i, kind)) {
				seats[count] = (struct seat){
					.bar = &plan->devices[d].bars[i],
					.at = &plan->devices[d].at[i],
					.order = count,
				};
				count++;
			}
	qsort(seats, count, sizeof(*seats), seat_compare);
	for (size_t i = 0; i < count; i++) {
		uint64_t size = seats[i].bar->size;

		at = range_align_up(at, size);
		if (at > end || size > end - at)
			return;
		*seats[i].at = at;
		at += size;
	}
}

void plan_place_bars(struct machine_plan *plan, const struct layout *layout)
{
	struct seat *seats =
		calloc(plan->count * ASSIGN_PCI_BARS + 1, sizeof(*seats));

	if (!seats)
		return;
	seat_all(plan, seats, LAYOUT_BAR_MEM32, layout->mem32);
	seat_all(plan, seats, LAYOUT_BAR_MEM64, layout->mem64);
	seat_all(plan, seats, LAYOUT_BAR_IO, layout->io);
	free(seats);
}
