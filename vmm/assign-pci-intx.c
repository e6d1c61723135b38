// SPDX-License-Identifier: MIT
// INTx of a lent PCI function: wired to the guest by KVM, or passed on by the
// machine.
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <lend/irq.h>

#include "assign-pci-ops.h"

static unsigned gsi_of(const struct assign_pci *a)
{
	return pci_host_gsi(&a->machine->pci, a->place, lend_pci_pin(a->pci));
}

/* Whether something had come. */
static bool take(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count);
}

/*
 * The line is asserted by KVM's own means, not by KVM_IRQ_LINE: what that
 * asserts stays so after the EOI, until this thread comes to lower it, and the
 * guest takes the interrupt over and over meanwhile.
 *
 * EOIs that came before have been taken. One of another device on the line that
 * comes just now is mistaken for the end of this interrupt: then the device is
 * unmasked early, and fires again if it still has something to tell.
 */
static void raise_line(struct assign_pci_intx *intx)
{
	const uint64_t one = 1;

	/* It can only fail while it is asserted already. */
	intx->raised = write(intx->line, &one, sizeof(one)) == sizeof(one);
}

void assign_pci_intx_unmask(struct assign_pci *a)
{
	if (atomic_exchange(&a->intx.masked, false))
		lend_irq_unmask(a->lent, LEND_PCI_IRQ_INTX, 0);
}

/* A device that still has something to tell fires anew when it is unmasked;
 * one that does not mask itself has, if it fired since. */
static void end_of_interrupt(struct assign_pci *a)
{
	struct assign_pci_intx *intx = &a->intx;

	if (!take(intx->eoi) || !intx->raised)
		return;
	intx->raised = false;
	assign_pci_intx_unmask(a);
	if (intx->again)
		raise_line(intx);
	intx->again = false;
}

static void on_eoi(void *opaque)
{
	end_of_interrupt(opaque);
}

static void on_trigger(void *opaque)
{
	struct assign_pci *a = opaque;
	struct assign_pci_intx *intx = &a->intx;

	if (!take(intx->on_trigger.fd))
		return;
	end_of_interrupt(a); /* if it came before */
	intx->masked = lend_device_irq(a->lent, LEND_PCI_IRQ_INTX)->flags &
		       LEND_IRQ_AUTOMASKED;
	if (intx->raised)
		intx->again = true;
	else
		raise_line(intx);
}

static void close_line(struct assign_pci *a)
{
	struct assign_pci_intx *intx = &a->intx;

	watch_remove(&a->machine->watch, &intx->on_trigger);
	watch_remove(&a->machine->watch, &intx->on_eoi);
	if (intx->line >= 0) {
		irq_line_detach(&a->machine->irq, gsi_of(a), intx->line);
		close(intx->line);
	}
	if (intx->eoi >= 0)
		close(intx->eoi);
	*intx = ASSIGN_PCI_INTX_NONE;
}

static int open_line(struct assign_pci *a, int trigger)
{
	struct assign_pci_intx *intx = &a->intx;
	int err;

	intx->line = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (intx->line >= 0)
		intx->eoi = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (intx->eoi < 0)
		return -errno;
	err = irq_line_attach(&a->machine->irq, gsi_of(a), intx->line,
			      intx->eoi);
	intx->on_eoi = (struct watch_item){intx->eoi, on_eoi, a};
	intx->on_trigger = (struct watch_item){trigger, on_trigger, a};
	if (!err)
		err = watch_add(&a->machine->watch, &intx->on_eoi);
	if (!err)
		err = watch_add(&a->machine->watch, &intx->on_trigger);
	return err;
}

int assign_pci_intx_connect(void *opaque, int trigger, int resample)
{
	struct assign_pci *a = opaque;
	int err;

	if (resample >= 0 && !(a->no_kvm_irqs & 1u << LEND_PCI_IRQ_INTX))
		return irq_line_attach(&a->machine->irq, gsi_of(a), trigger,
				       resample);
	a->intx.unmask_early = resample < 0;
	err = open_line(a, trigger);
	if (err)
		close_line(a);
	return err;
}

void assign_pci_intx_disconnect(void *opaque, int trigger, int resample)
{
	struct assign_pci *a = opaque;

	(void)resample;
	if (a->intx.line < 0)
		irq_line_detach(&a->machine->irq, gsi_of(a), trigger);
	else
		close_line(a);
}
