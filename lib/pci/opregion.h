/* SPDX-License-Identifier: MIT */
/* The OpRegion of Intel's integrated graphics: a table in memory, to be put
 * into a guest's. */
#ifndef LIB_PCI_OPREGION_H
#define LIB_PCI_OPREGION_H

#include <lend/pci.h>

#define OPREGION_REGISTER 0xfc /* ASLS: where it is, 32 bits */

/* Looks for VFIO's copy of it, unless the options leave it out; warns where
 * there is none. */
void opregion_find(struct lend_pci *pci,
		   const struct lend_pci_options *options);

#endif
