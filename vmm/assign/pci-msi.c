// SPDX-License-Identifier: MIT
// MSI and MSI-X of a lent PCI function: eventfds wired to the guest by KVM, or
// messages relayed by the machine.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <lend/irq.h>
#include <lend/kvm.h>
#include <lend/pci_irq.h>

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

/* Main loop: an eventfd that KVM does not watch is readable. */
static void assign_msi_deliver(void *opaque)
{
	struct assign_pci_vector *v = opaque;
	uint64_t count;

	if (read(v->relay.fd, &count, sizeof(count)) == sizeof(count))
		irq_msi_send(v->irq, &v->message);
}

static int assign_msi_relay(struct assign_pci *a, unsigned int vector, int fd,
			    const struct irq_msi *message)
{
	struct assign_pci_vector *v = &a->vectors[vector];

	lend_kvm_pci_ops()->msi_release(a->kvm, vector);
	v->irq = &a->machine->irq;
	v->message = *message;
	v->relay = (struct watch_item){fd, assign_msi_deliver, v};
	return watch_add(&a->machine->watch, &v->relay);
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
	int err;

	if (vector >= a->vector_count)
		return -EINVAL;
	watch_remove(&a->machine->watch, &a->vectors[vector].relay);
	if (a->no_kvm_irqs & 1u << lend_pci_irq_index(a->pci))
		return assign_msi_relay(a, vector, fd, &message);
	err = lend_kvm_pci_ops()->msi_connect(a->kvm, vector, fd, address,
					      data);
	if (!err)
		return 0;
	assign_msi_warn(a, vector, err);
	return assign_msi_relay(a, vector, fd, &message);
}

/* What is relayed has no route in KVM. */
void assign_pci_msi_expect(void *opaque,
			   const struct lend_pci_message *messages,
			   unsigned int count)
{
	struct assign_pci *a = opaque;

	if (!(a->no_kvm_irqs & 1u << lend_pci_irq_index(a->pci)))
		lend_kvm_pci_ops()->msi_expect(a->kvm, messages, count);
}

void assign_pci_msi_disconnect(void *opaque, unsigned int vector, int fd)
{
	struct assign_pci *a = opaque;

	if (vector >= a->vector_count)
		return;
	watch_remove(&a->machine->watch, &a->vectors[vector].relay);
	lend_kvm_pci_ops()->msi_disconnect(a->kvm, vector, fd);
}

void assign_pci_msi_release(void *opaque, unsigned int vector)
{
	struct assign_pci *a = opaque;

	if (vector >= a->vector_count)
		return;
	watch_remove(&a->machine->watch, &a->vectors[vector].relay);
	lend_kvm_pci_ops()->msi_release(a->kvm, vector);
}
