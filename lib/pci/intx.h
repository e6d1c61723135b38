/* SPDX-License-Identifier: MIT */
/* INTx: the line wired both ways by eventfds. */
#ifndef LIB_PCI_INTX_H
#define LIB_PCI_INTX_H

#include <stdbool.h>

struct lend_pci;

bool intx_wanted(const struct lend_pci *pci);
void intx_start(struct lend_pci *pci);
void intx_stop(struct lend_pci *pci);

#endif
