// SPDX-License-Identifier: MIT
// The lent devices of the example VMM: opened, presented through KVM, placed as
// firmware would, and reached by a guest's accesses.

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vmm-devices.h"

int fail_lend(struct lend_ctx *ctx)
{
	const struct lend_error *e = lend_ctx_error(ctx);

	fprintf(stderr, "%s%s%s\n%s\n%s\n", e->device, *e->device ? ": " : "",
		e->what, e->evidence, e->remedy);
	return -1;
}

/* The operations, and all accesses, run on the vCPU's thread. */

static int device_place(void *opaque, unsigned int bar, uint64_t base)
{
	struct device *d = opaque;

	d->bars[bar] = base;
	return 0;
}

static void device_drop(void *opaque, unsigned int bar)
{
	struct device *d = opaque;

	d->bars[bar] = 0;
}

static int device_intx(void *opaque)
{
	struct device *d = opaque;

	return d->all->line;
}

/* Device 1 of bus 0 is the first, and so on. */
static uint32_t device_requester(void *opaque)
{
	const struct device *d = opaque;

	return (uint32_t)(d - d->all->list + 1) << 3;
}

/* Each function that waits for room is asked again, since one gave some. */
static void devices_retry(struct devices *all)
{
	for (unsigned int i = 0; i < all->count; i++)
		lend_pci_retry(all->list[i].pci);
}

bool devices_access(struct devices *all, uint64_t at, bool io, void *data,
		    unsigned int size, bool is_write)
{
	for (unsigned int i = 0; i < DEVICES * LEND_PCI_BARS; i++) {
		struct device *d = &all->list[i / LEND_PCI_BARS];
		unsigned int n = i % LEND_PCI_BARS;
		const struct lend_pci_bar *bar;

		if (!d->bars[n])
			continue;
		bar = lend_pci_bar(d->pci, n);
		if (bar->io != io || at - d->bars[n] >= bar->size)
			continue;
		if (!is_write)
			lend_pci_bar_read(d->pci, n, at - d->bars[n], data,
					  size);
		else if (lend_pci_bar_write(d->pci, n, at - d->bars[n], data,
					    size))
			devices_retry(all);
		return true;
	}
	return false;
}

void devices_config(struct devices *all, unsigned int slot, unsigned int at,
		    uint8_t *data, unsigned int size, bool is_write)
{
	uint32_t value = 0;

	if (!slot || slot > all->count) {
		memset(data, 0xff, is_write ? 0 : size);
	} else if (is_write) {
		memcpy(&value, data, size);
		if (lend_pci_config_write(all->list[slot - 1].pci, at, size,
					  value))
			devices_retry(all);
	} else {
		value = lend_pci_config_read(all->list[slot - 1].pci, at, size);
		memcpy(data, &value, size);
	}
}

/* As firmware would: BARs and the interrupt line. Decoding is the guest's to
 * enable. */
static int device_program(struct device *d)
{
	struct devices *all = d->all;

	for (unsigned int i = 0; i < 6; i++) {
		const struct lend_pci_bar *bar = lend_pci_bar(d->pci, i);
		uint64_t *next = bar->io ? &all->ports : &all->memory;
		uint64_t end = bar->io ? all->ports_end : all->memory_end;

		if (!bar->size)
			continue;
		*next = (*next + bar->size - 1) & ~(bar->size - 1);
		if (*next >= end || bar->size > end - *next) {
			fprintf(stderr, "%s: no room for BAR %u\n",
				lend_pci_name(d->pci), i);
			return -1;
		}
		lend_pci_config_write(d->pci, 0x10 + 4 * i, 4, (uint32_t)*next);
		*next += bar->size;
	}
	lend_pci_config_write(d->pci, 0x3c, 1, (uint32_t)all->line);
	return 0;
}

/* An error, and the host's request to release the device, each end the run. */
static int device_arm(struct device *d)
{
	static const unsigned int indices[EVENTS] = {LEND_PCI_IRQ_ERR,
						     LEND_PCI_IRQ_REQ};

	for (unsigned int i = 0; i < EVENTS; i++) {
		if (!lend_device_irq(d->lent, indices[i])->count)
			continue;
		d->events[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (d->events[i] < 0) {
			perror("eventfd");
			return -1;
		}
		if (lend_irq_set(d->lent, indices[i], 0, 1, &d->events[i]) < 0)
			return fail_lend(d->all->ctx);
	}
	return 0;
}

static int device_open(struct devices *all, const char *name)
{
	struct device *d = &all->list[all->count];
	const struct lend_device_options options = {
		.size = sizeof(options),
		.kvm_file = lend_kvm_file,
		.opaque = all->kvm,
	};
	const struct lend_kvm_pci_options wiring = {
		.size = sizeof(wiring),
		.pci = &d->pci,
		.bar_place = device_place,
		.bar_drop = device_drop,
		.intx_gsi = device_intx,
		.requester = all->has_requesters ? device_requester : NULL,
		.opaque = d,
	};
	struct lend_address *address = NULL;
	int err;

	d->all = all;
	err = lend_address_find(all->ctx, name, &address);
	if (!err)
		err = lend_device_open(all->iommu, address, &options, &d->lent);
	if (!err)
		err = lend_device_require(d->lent, LEND_DEVICE_PCI);
	if (!err)
		err = lend_kvm_pci_new(all->kvm, d->lent, &wiring, &d->kvm);
	if (!err)
		err = lend_pci_new(d->lent, NULL, lend_kvm_pci_ops(), d->kvm,
				   &d->pci);
	lend_address_unref(address);
	if (err)
		return fail_lend(all->ctx);
	all->count++;
	return device_arm(d);
}

int devices_open(struct devices *all, char **names, int count, void *ram,
		 uint64_t ram_base, uint64_t ram_size)
{
	for (unsigned int i = 0; i < DEVICES * EVENTS; i++)
		all->list[i / EVENTS].events[i % EVENTS] = -1;
	if (lend_iommu_new(all->ctx, NULL, &all->iommu))
		return fail_lend(all->ctx);
	for (int i = 0; i < count; i++)
		if (device_open(all, names[i]) || device_program(&all->list[i]))
			return -1;
	/* Last: a device's IOMMU decides what can be mapped. */
	if (count && lend_iommu_map(all->iommu, ram_base, ram, ram_size,
				    LEND_DMA_READ | LEND_DMA_WRITE))
		return fail_lend(all->ctx);
	return 0;
}

void devices_close(struct devices *all)
{
	for (unsigned int i = 0; i < DEVICES; i++) {
		struct device *d = &all->list[i];

		if (!d->all)
			continue;
		lend_pci_free(d->pci);
		lend_kvm_pci_free(d->kvm);
		lend_device_unref(d->lent);
		for (unsigned int n = 0; n < EVENTS; n++)
			if (d->events[n] >= 0)
				close(d->events[n]);
	}
	lend_iommu_unref(all->iommu);
}

int devices_check(struct devices *all)
{
	for (unsigned int i = 0; i < all->count; i++) {
		struct device *d = &all->list[i];
		eventfd_t count;

		if (d->events[ERROR] >= 0 &&
		    !eventfd_read(d->events[ERROR], &count)) {
			lend_device_fault(d->lent);
			return fail_lend(all->ctx);
		}
		if (d->events[REQUEST] >= 0 &&
		    !eventfd_read(d->events[REQUEST], &count))
			return 1;
	}
	return 0;
}
