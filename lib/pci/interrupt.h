/* SPDX-License-Identifier: MIT */
/* The kind of interrupt that a function uses follows the view. */
#ifndef LIB_PCI_INTERRUPT_H
#define LIB_PCI_INTERRUPT_H

struct lend_pci;

void interrupt_update(struct lend_pci *pci);
void interrupt_stop(struct lend_pci *pci);

#endif
