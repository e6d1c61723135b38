// SPDX-License-Identifier: MIT
// MSI and MSI-X of a lent PCI function: eventfds wired to the guest by KVM.
#include <errno.h>
#include <string.h>

#include "assign-pci-ops.h"

/* A guest can provoke it over and over: say it once. */
static void warn(struct assign_pci *a, unsigned vector, int error)
{
	if (a->warned)
		return;
	a->warned = true;
	lend_log(a->machine->ctx, LEND_LOG_WARNING,
		 "%s: interrupt %u does not reach the guest: %s",
		 lend_pci_name(a->pci), vector, strerror(-error));
}

/* Have a route with the message. */
static int route(struct irq *irq, struct assign_pci_vector *v,
		 const struct irq_msi *message)
{
	int gsi, err;

	if (v->gsi >= 0)
		return irq_msi_update(irq, v->gsi, message);
	err = irq_msi_alloc(irq, message, 1, &gsi);
	if (!err)
		v->gsi = gsi;
	return err;
}

static int connect(struct irq *irq, struct assign_pci_vector *v, int fd,
		   const struct irq_msi *message)
{
	int err = route(irq, v, message);

	if (err || v->fd == fd)
		return err;
	if (v->fd >= 0)
		irq_msi_detach(irq, v->gsi, v->fd);
	v->fd = -1;
	err = irq_msi_attach(irq, v->gsi, fd);
	if (!err)
		v->fd = fd;
	return err;
}

int assign_pci_msi_connect(void *opaque, unsigned vector, int fd,
			   uint64_t address, uint32_t data)
{
	struct assign_pci *a = opaque;
	const struct irq_msi message = {
		.address = address,
		.data = data,
		.requester = (uint32_t)a->devfn,
	};
	int err;

	if (vector >= a->vector_count)
		return -EINVAL;
	err = connect(&a->machine->irq, &a->vectors[vector], fd, &message);
	if (err)
		warn(a, vector, err);
	return err;
}

void assign_pci_msi_disconnect(void *opaque, unsigned vector, int fd)
{
	struct assign_pci *a = opaque;
	struct assign_pci_vector *v;

	if (vector >= a->vector_count)
		return;
	v = &a->vectors[vector];
	if (v->fd < 0 || v->fd != fd)
		return;
	irq_msi_detach(&a->machine->irq, v->gsi, v->fd);
	v->fd = -1;
}

void assign_pci_msi_release(void *opaque, unsigned vector)
{
	struct assign_pci *a = opaque;
	struct assign_pci_vector *v;

	if (vector >= a->vector_count)
		return;
	v = &a->vectors[vector];
	if (v->gsi < 0)
		return;
	assign_pci_msi_disconnect(a, vector, v->fd);
	irq_msi_free(&a->machine->irq, v->gsi);
	v->gsi = -1;
}
