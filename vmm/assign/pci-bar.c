// SPDX-License-Identifier: MIT
// BARs of a lent PCI function: claimed, trapped, and mapped where possible.
#include <errno.h>

#include "vmm/assign/pci-ops.h"

#define PORT_END 0x10000

/*
 * An emulated device loses what it raises while it is masked. So where no
 * eventfd unmasks an interrupt, it is unmasked at the guest's next access to
 * the device, and not only at EOI.
 */
static void assign_bar_touched(const struct assign_pci_bar *bar)
{
	struct assign_pci *a = bar->owner;

	if (a->intx.unmask_early && a->intx.line.masked)
		line_unmask(&a->intx.line);
}

static uint64_t bar_read(void *opaque, uint64_t offset, unsigned int size)
{
	const struct assign_pci_bar *bar = opaque;
	uint64_t value = 0;

	lend_pci_bar_read(bar->owner->pci, bar->index, offset, &value, size);
	assign_bar_touched(bar);
	return value;
}

static void bar_write(void *opaque, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	const struct assign_pci_bar *bar = opaque;

	lend_pci_bar_write(bar->owner->pci, bar->index, offset, &value, size);
	assign_bar_touched(bar);
	/* A quirk may have turned it into a write to configuration space. */
	assign_pci_retry(bar->owner->machine);
}

static const struct bus_ops bar_ops = {
	.read = bar_read,
	.write = bar_write,
};

static int assign_bar_try_memory(struct assign_pci_bar *bar, struct range range)
{
	struct machine *machine = bar->owner->machine;
	const char *other = "another range";
	int err;

	err = space_claim(&machine->space, range,
			  lend_pci_name(bar->owner->pci), &other);
	if (err) {
		lend_log(machine->ctx, LEND_LOG_DEBUG,
			 "%s: BAR %u at %#llx overlaps %s; it is left "
			 "unmapped",
			 lend_pci_name(bar->owner->pci), bar->index,
			 (unsigned long long)range.base, other);
		return err;
	}
	err = bus_add(&machine->mmio, range, &bar_ops, bar);
	if (err)
		space_release(&machine->space, range.base);
	return err;
}

static int assign_bar_try_ports(struct assign_pci_bar *bar, struct range range)
{
	if (range.base >= PORT_END || range.size > PORT_END - range.base)
		return -EINVAL;
	return bus_add(&bar->owner->machine->pio, range, &bar_ops, bar);
}

static int assign_bar_try(struct assign_pci_bar *bar, struct range range)
{
	return lend_pci_bar(bar->owner->pci, bar->index)->io
		       ? assign_bar_try_ports(bar, range)
		       : assign_bar_try_memory(bar, range);
}

/* A range that another vCPU releases meanwhile is either free at the second
 * attempt, or is released after bar_refused is set, which causes a retry. */
int assign_pci_bar_place(void *opaque, unsigned int index, uint64_t base)
{
	struct assign_pci *a = opaque;
	struct assign_pci_bar *bar = &a->bars[index];
	struct range range = {base, lend_pci_bar(a->pci, index)->size};
	int err = assign_bar_try(bar, range);

	if (err == -EEXIST) {
		a->machine->bar_refused = true;
		err = assign_bar_try(bar, range);
	}
	if (!err)
		bar->range = range;
	return err;
}

void assign_pci_bar_drop(void *opaque, unsigned int index)
{
	struct assign_pci *a = opaque;
	struct assign_pci_bar *bar = &a->bars[index];

	if (!bar->range.size)
		return;
	if (lend_pci_bar(a->pci, index)->io) {
		bus_remove(&a->machine->pio, bar->range.base);
	} else {
		bus_remove(&a->machine->mmio, bar->range.base);
		space_release(&a->machine->space, bar->range.base);
	}
	bar->range = (struct range){};
	if (a->machine->bar_refused)
		a->machine->room_made = true;
}

/* Called with no function's lock held: that lock is held while a BAR is
 * dropped, and taken for a retry. */
void assign_pci_retry(struct machine *machine)
{
	if (!machine->room_made)
		return;
	machine->room_made = machine->bar_refused = false;
	for (size_t i = 0; i < machine->device_count; i++) {
		struct machine_device *device = machine->devices[i];

		if (device->ops->retry)
			device->ops->retry(device);
	}
}

int assign_pci_window_map(void *opaque, unsigned int window, uint64_t base,
			  uint64_t size, void *vaddr)
{
	struct assign_pci *a = opaque;
	struct space *space = &a->machine->space;
	struct range range = {base, size};
	int slot = size < space->page ? space_map_lone(space, base, vaddr)
				      : space_map(space, range, vaddr);

	if (slot < 0)
		return slot;
	a->slots[window] = slot;
	return 0;
}

void assign_pci_window_unmap(void *opaque, unsigned int window)
{
	struct assign_pci *a = opaque;

	if (a->slots[window] < 0)
		return;
	space_unmap(&a->machine->space, a->slots[window]);
	a->slots[window] = -1;
}
