// SPDX-License-Identifier: MIT
// INTx: trigger and resample eventfds, so that neither an interrupt nor its EOI
// causes an exit.

#include <linux/pci_regs.h>

#include <lend/irq.h>
#include <lend/pci_irq.h>

#include "lib/base/context.h"
#include "lib/device/irq.h"
#include "lib/pci/config.h"
#include "lib/pci/function.h"
#include "lib/pci/intx.h"
#include "lib/pci/pci.h"

bool intx_wanted(const struct lend_pci *pci)
{
	uint32_t command = config_value(&pci->config, PCI_COMMAND, 2);

	/* Wired when the guest first enables the function: a guest that uses
	 * only MSI-X never pays for the line. */
	if (!lend_pci_pin(pci) || pci->intx.failed)
		return false;
	if (pci->intx.on)
		return true;
	return !(command & PCI_COMMAND_INTX_DISABLE) &&
	       command & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
			  PCI_COMMAND_MASTER);
}

static void intx_close_both(struct lend_pci *pci)
{
	const struct kernel *k = pci->ctx->kernel;

	if (pci->intx.resample >= 0)
		k->close(k, pci->intx.resample);
	if (pci->intx.trigger >= 0)
		k->close(k, pci->intx.trigger);
	pci->intx.trigger = pci->intx.resample = -1;
}

/* An automasked interrupt must be unmasked at its EOI. */
static void intx_wire_resample(struct lend_pci *pci)
{
	const struct kernel *k = pci->ctx->kernel;
	const struct lend_irq *irq =
		lend_device_irq(pci->device, LEND_PCI_IRQ_INTX);
	int err;

	if (!(irq->flags & LEND_IRQ_AUTOMASKED))
		return;
	pci->intx.resample = k->eventfd(k);
	err = pci->intx.resample;
	if (err >= 0)
		err = device_irq_unmask_fd(pci->device, LEND_PCI_IRQ_INTX, 0,
					   pci->intx.resample);
	if (!err)
		return;
	pci_warn_once(pci, &pci->intx.detour_warned, err,
		      "INTx cannot be unmasked by an eventfd: each interrupt "
		      "goes through this process, which is slower");
	if (pci->intx.resample >= 0)
		k->close(k, pci->intx.resample);
	pci->intx.resample = -1;
}

void intx_start(struct lend_pci *pci)
{
	const struct kernel *k = pci->ctx->kernel;
	int err;

	pci->intx.trigger = k->eventfd(k);
	err = pci->intx.trigger;
	if (err < 0)
		goto failed;
	err = device_irq_set(pci->device, LEND_PCI_IRQ_INTX, 0, 1,
			     &pci->intx.trigger);
	if (err)
		goto failed;
	pci->intx.on = true;
	intx_wire_resample(pci);
	/* An interrupt that has fired meanwhile is in the eventfd, and is
	 * raised now. */
	err = pci->ops.intx_connect(pci->opaque, pci->intx.trigger,
				    pci->intx.resample);
	if (!err)
		return;
	device_irq_disable(pci->device, LEND_PCI_IRQ_INTX);
	pci->intx.on = false;
failed:
	pci->intx.failed = true;
	intx_close_both(pci);
	pci_warn_once(pci, &pci->intx.warned, err, "INTx cannot be used");
}

void intx_stop(struct lend_pci *pci)
{
	if (!pci->intx.on)
		return;
	/* First disconnect the resample path, which could unmask it. */
	pci->ops.intx_disconnect(pci->opaque, pci->intx.trigger,
				 pci->intx.resample);
	/* Disabling the index releases both descriptors in the kernel. */
	device_irq_disable(pci->device, LEND_PCI_IRQ_INTX);
	pci->intx.on = false;
	intx_close_both(pci);
}
