/* SPDX-License-Identifier: MIT */
/* The VGA ranges, which a graphics card decodes without a BAR. */
#ifndef LIB_PCI_VGA_H
#define LIB_PCI_VGA_H

#include <lend/pci.h>

#define VGA_FIRST LEND_PCI_BAR_VGA_MEMORY
#define VGA_COUNT (LEND_PCI_BARS - VGA_FIRST)

/* Returns 0, or -EOPNOTSUPP with a record if the device has none. */
int vga_init(struct lend_pci *pci);

/* The ranges follow the view, as BARs do. A refused range is placed again after
 * vga_retry(). */
void vga_withdraw(struct lend_pci *pci);
void vga_place(struct lend_pci *pci);
void vga_retry(struct lend_pci *pci);

/* Accesses within a range. */
void vga_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
	      void *data, unsigned int size);
void vga_write(struct lend_pci *pci, unsigned int bar, uint64_t offset,
	       const void *data, unsigned int size);

#endif
