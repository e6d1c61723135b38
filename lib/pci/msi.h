/* SPDX-License-Identifier: MIT */
/* MSI: vectors from the registers of the capability. */
#ifndef LIB_PCI_MSI_H
#define LIB_PCI_MSI_H

struct lend_pci;

void msi_start(struct lend_pci *pci);
void msi_update(struct lend_pci *pci);

#endif
