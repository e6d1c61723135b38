// SPDX-License-Identifier: MIT
// INTx of a lent PCI function: wired to the guest by KVM, or relayed by the
// machine.
#include <lend/irq.h>

#include "vmm/assign/pci-ops.h"

static unsigned int assign_intx_gsi(const struct assign_pci *a)
{
	return pci_host_gsi(&a->machine->pci, a->place, lend_pci_pin(a->pci));
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
		.gsi = assign_intx_gsi(a),
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
		return irq_line_attach(&a->machine->irq, assign_intx_gsi(a),
				       trigger, resample);
	a->intx.unmask_early = resample < 0;
	return assign_intx_relay(a, trigger);
}

void assign_pci_intx_disconnect(void *opaque, int trigger, int resample)
{
	struct assign_pci *a = opaque;

	(void)resample;
	if (a->intx.line.raise < 0)
		irq_line_detach(&a->machine->irq, assign_intx_gsi(a), trigger);
	else
		line_close(&a->intx.line);
	a->intx.unmask_early = false;
}
