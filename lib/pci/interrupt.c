// SPDX-License-Identifier: MIT
// Selects the kind of interrupt of a function; VFIO enables one at a time, so
// the previous one is disabled first.

#include <errno.h>

#include <lend/irq.h>
#include <lend/pci_irq.h>

#include "lib/pci/function.h"
#include "lib/pci/interrupt.h"
#include "lib/pci/intx.h"
#include "lib/pci/message.h"
#include "lib/pci/msi.h"
#include "lib/pci/msix.h"
#include "lib/pci/vector.h"

int lend_pci_irq_index(const struct lend_pci *pci)
{
	switch (pci->mode) {
	case INTERRUPT_INTX:
		return LEND_PCI_IRQ_INTX;
	case INTERRUPT_MSI:
		return LEND_PCI_IRQ_MSI;
	case INTERRUPT_MSIX:
		return LEND_PCI_IRQ_MSIX;
	case INTERRUPT_NONE:
		break;
	}
	return -ENOENT;
}

static enum interrupt_mode interrupt_wanted(const struct lend_pci *pci)
{
	bool msi = message_msi_enabled(&pci->config);

	/* A guest must not enable both; the first one stays in use. */
	if (msi && pci->mode == INTERRUPT_MSI)
		return INTERRUPT_MSI;
	if (message_msix_enabled(&pci->config))
		return INTERRUPT_MSIX;
	if (msi)
		return INTERRUPT_MSI;
	return intx_wanted(pci) ? INTERRUPT_INTX : INTERRUPT_NONE;
}

static void interrupt_start_mode(struct lend_pci *pci, enum interrupt_mode mode)
{
	pci->mode = mode;
	switch (mode) {
	case INTERRUPT_NONE:
		break;
	case INTERRUPT_INTX:
		intx_start(pci);
		break;
	case INTERRUPT_MSI:
		msi_start(pci);
		break;
	case INTERRUPT_MSIX:
		msix_start(pci);
		break;
	}
}

static void interrupt_stop_mode(struct lend_pci *pci)
{
	switch (pci->mode) {
	case INTERRUPT_NONE:
		break;
	case INTERRUPT_INTX:
		intx_stop(pci);
		break;
	case INTERRUPT_MSI:
		vectors_stop(pci, &pci->msi);
		break;
	case INTERRUPT_MSIX:
		vectors_stop(pci, &pci->msix);
		break;
	}
	pci->mode = INTERRUPT_NONE;
}

void interrupt_update(struct lend_pci *pci)
{
	enum interrupt_mode mode = interrupt_wanted(pci);

	if (mode != pci->mode) {
		interrupt_stop_mode(pci);
		interrupt_start_mode(pci, interrupt_wanted(pci));
	} else if (mode == INTERRUPT_MSI) {
		msi_update(pci);
	} else if (mode == INTERRUPT_MSIX) {
		msix_update(pci);
	}
}

void interrupt_stop(struct lend_pci *pci)
{
	interrupt_stop_mode(pci);
	pci->intx.failed = false;
}
