/* SPDX-License-Identifier: MIT */
/* BARs and windows follow the view. */
#ifndef LIB_PCI_DECODE_H
#define LIB_PCI_DECODE_H

struct lend_pci;

/* A write to the view withdraws the BARs that move, then reaches the device,
 * then places BARs: no window is mapped while the device does not decode. */
void decode_withdraw(struct lend_pci *pci);
void decode_place(struct lend_pci *pci);

#endif
