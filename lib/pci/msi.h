/* SPDX-License-Identifier: MIT */
/* MSI: the capability's registers turned into vectors. */
#ifndef LIB_PCI_MSI_H
#define LIB_PCI_MSI_H

struct lend_pci;

void msi_start(struct lend_pci *pci);
void msi_update(struct lend_pci *pci);

#endif
