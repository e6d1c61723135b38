// SPDX-License-Identifier: MIT
// INTx of a lent PCI function: wired to the guest by KVM, or passed on by the
// machine.
#ifndef VMM_ASSIGN_PCI_INTX_H
#define VMM_ASSIGN_PCI_INTX_H

#include <stdatomic.h>
#include <stdbool.h>

#include "watch.h"

/*
 * A line that the machine passes on. `line` is KVM's: it asserts the guest's
 * input until the guest's EOI, which KVM tells by `eoi`. While the
 * items are watched, only the main loop looks at what is not atomic.
 */
struct assign_pci_intx {
	int line; /* -1: KVM and the device are wired to each other */
	int eoi;
	struct watch_item on_trigger;
	struct watch_item on_eoi;
	bool raised;         /* no EOI has come since */
	bool again;          /* the device fired meanwhile */
	_Atomic bool masked; /* the device fired, and will not before unmask */
	_Atomic bool unmask_early; /* at the guest's next access */
};

#define ASSIGN_PCI_INTX_NONE                                                   \
	((struct assign_pci_intx){.line = -1,                                  \
				  .eoi = -1,                                   \
				  .on_trigger = WATCH_NONE,                    \
				  .on_eoi = WATCH_NONE})

struct assign_pci;

void assign_pci_intx_unmask(struct assign_pci *a);

#endif
