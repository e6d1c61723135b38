/* SPDX-License-Identifier: MIT */
/* MSI-X: the emulated table and pending bits. */
#ifndef LIB_PCI_MSIX_H
#define LIB_PCI_MSIX_H

#include <stdint.h>

#include "lib/pci/message.h"

struct lend_pci;

int msix_init(struct lend_pci *pci);
void msix_reset(struct lend_pci *pci);
void msix_start(struct lend_pci *pci);
void msix_update(struct lend_pci *pci);

/* The MSI-X structure at @offset of a BAR. Reduces *@size to the bytes from
 * @offset on to which the result applies. */
enum msix_part { MSIX_NEITHER, MSIX_TABLE, MSIX_PBA };
enum msix_part msix_part(const struct msix_layout *layout, unsigned int bar,
			 uint64_t offset, unsigned int *size);

/* Accesses of any offset and size within the table; with the lock held. */
void msix_table_read(const struct lend_pci *pci, uint64_t offset, uint8_t *data,
		     unsigned int size);
void msix_table_write(struct lend_pci *pci, uint64_t offset,
		      const uint8_t *data, unsigned int size);
void msix_pba_read(struct lend_pci *pci, uint64_t offset, uint8_t *data,
		   unsigned int size);

#endif
