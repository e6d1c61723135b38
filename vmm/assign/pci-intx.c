// SPDX-License-Identifier: MIT
// INTx of a lent PCI function: wired to the guest by KVM, or relayed by the
// machine.
#include <lend/irq.h>
#include <lend/kvm.h>
#include <lend/pci_irq.h>

#include "vmm/assign/pci-ops.h"

int assign_pci_intx_gsi(void *opaque)
{
	const struct assign_pci *a = opaque;

	return (int)pci_host_gsi(&a->machine->pci, a->place,
				 lend_pci_pin(a->pci));
}

static void assign_intx_unmask(void *opaque)
{
	const struct assign_pci *a = opaque;

	lend_irq_unmask(a->lent, LEND_PCI_IRQ_INTX, 0);
}

static int assign_intx_relay(struct assign_pci *a, int trigger)
{
	const struct line_config config = {
		.irq = &a->machine->irq,
		.watch = &a->machine->watch,
		.gsi = (unsigned int)assign_pci_intx_gsi(a),
		.trigger = trigger,
		.automasked =
			lend_device_irq(a->lent, LEND_PCI_IRQ_INTX)->flags &
			LEND_IRQ_AUTOMASKED,
		.unmask = assign_intx_unmask,
		.opaque = a,
	};

	return line_open(&a->intx.line, &config);
}

int assign_pci_intx_connect(void *opaque, int trigger, int resample)
{
	struct assign_pci *a = opaque;

	if (resample >= 0 && !(a->no_kvm_irqs & 1u << LEND_PCI_IRQ_INTX))
		return lend_kvm_pci_ops()->intx_connect(a->kvm, trigger,
							resample);
	a->intx.unmask_early = resample < 0;
	return assign_intx_relay(a, trigger);
}

void assign_pci_intx_disconnect(void *opaque, int trigger, int resample)
{
	struct assign_pci *a = opaque;

	if (a->intx.line.raise < 0)
		lend_kvm_pci_ops()->intx_disconnect(a->kvm, trigger, resample);
	else
		line_close(&a->intx.line);
	a->intx.unmask_early = false;
}
