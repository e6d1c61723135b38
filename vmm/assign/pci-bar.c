// SPDX-License-Identifier: MIT
// BARs of a lent PCI function: claimed, trapped, and mapped where possible.
#include <errno.h>

#include <lend/kvm.h>

#include "vmm/assign/pci-gate.h"
#include "vmm/assign/pci-ops.h"

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

uint64_t assign_pci_bar_read(void *opaque, uint64_t offset, unsigned int size)
{
	const struct assign_pci_bar *bar = opaque;
	uint64_t value = 0;

	lend_pci_bar_read(bar->owner->pci, bar->index, offset, &value, size);
	assign_bar_touched(bar);
	return value;
}

void assign_pci_bar_write(void *opaque, uint64_t offset, unsigned int size,
			  uint64_t value)
{
	const struct assign_pci_bar *bar = opaque;

	lend_pci_bar_write(bar->owner->pci, bar->index, offset, &value, size);
	assign_bar_touched(bar);
	/* A quirk may have turned it into a write to configuration space. */
	assign_pci_retry(bar->owner->machine);
}

static const struct bus_ops bar_ops = {
	.read = assign_pci_bar_read,
	.write = assign_pci_bar_write,
};

static struct bus *assign_bar_bus(const struct assign_pci_bar *bar)
{
	struct machine *machine = bar->owner->machine;

	return lend_pci_bar(bar->owner->pci, bar->index)->io ? &machine->pio
							     : &machine->mmio;
}

int assign_pci_bar_trap(void *opaque, unsigned int index, uint64_t base)
{
	struct assign_pci *a = opaque;
	struct assign_pci_bar *bar = &a->bars[index];
	struct range range = {base, lend_pci_bar(a->pci, index)->size};
	struct bus *bus = assign_bar_bus(bar);
	int err = a->gate ? bus_add(bus, range, &assign_pci_gate_ops,
				    &a->gate->bars[index])
			  : bus_add(bus, range, &bar_ops, bar);

	if (!err)
		bar->range = range;
	return err;
}

void assign_pci_bar_untrap(void *opaque, unsigned int index)
{
	struct assign_pci *a = opaque;
	struct assign_pci_bar *bar = &a->bars[index];

	bus_remove(assign_bar_bus(bar), bar->range.base);
	bar->range = (struct range){};
}

/* A range that another vCPU releases meanwhile is either free at the second
 * attempt, or is released after bar_refused is set, which causes a retry. */
int assign_pci_bar_place(void *opaque, unsigned int index, uint64_t base)
{
	const struct lend_pci_ops *ops = lend_kvm_pci_ops();
	struct assign_pci *a = opaque;
	int err = ops->bar_place(a->kvm, index, base);

	if (err != -EEXIST)
		return err;
	a->machine->bar_refused = true;
	return ops->bar_place(a->kvm, index, base);
}

void assign_pci_bar_drop(void *opaque, unsigned int index)
{
	struct assign_pci *a = opaque;

	if (!a->bars[index].range.size)
		return;
	lend_kvm_pci_ops()->bar_drop(a->kvm, index);
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
	pthread_rwlock_rdlock(&machine->devices_lock);
	for (size_t i = 0; i < machine->device_count; i++) {
		struct machine_device *device = machine->devices[i];

		if (device->ops->retry)
			device->ops->retry(device);
	}
	pthread_rwlock_unlock(&machine->devices_lock);
}

int assign_pci_window_map(void *opaque, unsigned int window, uint64_t base,
			  uint64_t size, void *vaddr)
{
	const struct assign_pci *a = opaque;

	return lend_kvm_pci_ops()->window_map(a->kvm, window, base, size,
					      vaddr);
}

void assign_pci_window_unmap(void *opaque, unsigned int window)
{
	const struct assign_pci *a = opaque;

	lend_kvm_pci_ops()->window_unmap(a->kvm, window);
}
