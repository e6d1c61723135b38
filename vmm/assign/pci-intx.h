/* SPDX-License-Identifier: MIT */
/* INTx of a lent PCI function: wired to the guest by KVM, or relayed by the
 * machine.
 */
#ifndef VMM_ASSIGN_PCI_INTX_H
#define VMM_ASSIGN_PCI_INTX_H

#include "vmm/irq/line.h"

struct assign_pci_intx {
	struct line line; /* closed: KVM and the device are wired together */
	_Atomic bool unmask_early; /* at the guest's next access */
};

#define ASSIGN_PCI_INTX_NONE ((struct assign_pci_intx){.line = LINE_CLOSED})

#endif
