// SPDX-License-Identifier: MIT
// MSI and MSI-X of a lent PCI function: eventfds wired to the guest by KVM, or
// messages relayed by the machine.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <lend/irq.h>

#include "vmm/assign/pci-ops.h"

/* A guest can provoke this repeatedly: warn once. */
static void assign_msi_warn(struct assign_pci *a, unsigned int vector, int err)
{
	if (a->warned)
		return;
	a->warned = true;
	lend_log(a->machine->ctx, LEND_LOG_WARNING,
		 "%s: vector %u is relayed by this process, which "
		 "is slower: %s",
		 lend_pci_name(a->pci), vector, strerror(-err));
}

static void assign_msi_put_route(struct irq *irq, struct assign_pci_vector *v)
{
	if (v->gsi >= 0)
		irq_msi_put(irq, v->gsi);
	v->gsi = -1;
}

/* An attached vector keeps its route where possible: one call instead of two or
 * three. */
static int assign_msi_attach(struct irq *irq, struct assign_pci_vector *v,
			     int fd, const struct irq_msi *message)
{
	int gsi, err;

	if (v->fd == fd && !irq_msi_change(irq, v->gsi, message))
		return 0;
	if (v->fd >= 0)
		irq_msi_detach(irq, v->gsi, v->fd);
	v->fd = -1;
	gsi = irq_msi_get(irq, message);
	assign_msi_put_route(irq, v);
	if (gsi < 0)
		return gsi;
	v->gsi = gsi;
	err = irq_msi_attach(irq, gsi, fd);
	if (!err)
		v->fd = fd;
	return err;
}

static void assign_msi_detach(struct machine *machine,
			      struct assign_pci_vector *v)
{
	watch_remove(&machine->watch, &v->relay);
	if (v->fd >= 0)
		irq_msi_detach(&machine->irq, v->gsi, v->fd);
	v->fd = -1;
}

/* Main loop: an eventfd that KVM does not watch is readable. */
static void assign_msi_deliver(void *opaque)
{
	struct assign_pci_vector *v = opaque;
	uint64_t count;

	if (read(v->relay.fd, &count, sizeof(count)) == sizeof(count))
		irq_msi_send(v->irq, &v->message);
}

static int assign_msi_relay(struct machine *machine,
			    struct assign_pci_vector *v, int fd,
			    const struct irq_msi *message)
{
	assign_msi_detach(machine, v);
	assign_msi_put_route(&machine->irq, v);
	v->irq = &machine->irq;
	v->message = *message;
	v->relay = (struct watch_item){fd, assign_msi_deliver, v};
	return watch_add(&machine->watch, &v->relay);
}

int assign_pci_msi_connect(void *opaque, unsigned int vector, int fd,
			   uint64_t address, uint32_t data)
{
	struct assign_pci *a = opaque;
	const struct irq_msi message = {
		.address = address,
		.data = data,
		.requester = pci_host_requester(&a->machine->pci, a->place),
	};
	struct assign_pci_vector *v;
	int err;

	if (vector >= a->vector_count)
		return -EINVAL;
	v = &a->vectors[vector];
	if (a->no_kvm_irqs & 1u << lend_pci_irq_index(a->pci))
		return assign_msi_relay(a->machine, v, fd, &message);
	watch_remove(&a->machine->watch, &v->relay);
	err = assign_msi_attach(&a->machine->irq, v, fd, &message);
	if (!err)
		return 0;
	if (err != -ENOSPC) /* logged for the whole machine */
		assign_msi_warn(a, vector, err);
	return assign_msi_relay(a->machine, v, fd, &message);
}

void assign_pci_msi_disconnect(void *opaque, unsigned int vector, int fd)
{
	struct assign_pci *a = opaque;

	(void)fd;
	if (vector < a->vector_count)
		assign_msi_detach(a->machine, &a->vectors[vector]);
}

void assign_pci_msi_release(void *opaque, unsigned int vector)
{
	struct assign_pci *a = opaque;

	if (vector >= a->vector_count)
		return;
	assign_msi_detach(a->machine, &a->vectors[vector]);
	assign_msi_put_route(&a->machine->irq, &a->vectors[vector]);
}
