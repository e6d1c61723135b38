/* SPDX-License-Identifier: MIT */
/* The OpRegion of Intel integrated graphics, a table in memory. */
#ifndef LIB_PCI_OPREGION_H
#define LIB_PCI_OPREGION_H

#include <lend/pci.h>

#define OPREGION_REGISTER 0xfc /* ASLS: its address, 32 bits */

/* Finds VFIO's copy, unless the options omit it; warns if there is none. */
void opregion_find(struct lend_pci *pci,
		   const struct lend_pci_options *options);

#endif
