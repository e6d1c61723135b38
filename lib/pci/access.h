/* SPDX-License-Identifier: MIT */
/* Guest accesses to the view and to the device, for files that emulate
 * registers. */
#ifndef LIB_PCI_ACCESS_H
#define LIB_PCI_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

struct lend_pci;

/* Accesses of the guest's view of configuration space, with the lock held. */
uint32_t access_config_read(struct lend_pci *pci, unsigned int offset,
			    unsigned int size);
void access_config_write(struct lend_pci *pci, unsigned int offset,
			 unsigned int size, uint32_t value);

/* Accesses of a BAR or a VGA range that reach the device itself. */
void access_device_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			uint8_t *data, unsigned int size);
void access_device_write(struct lend_pci *pci, unsigned int bar,
			 uint64_t offset, const uint8_t *data,
			 unsigned int size);

/* Whether @offset is in [@start, +@length). Cuts *@size at either end of the
 * range. */
bool access_within(uint64_t offset, unsigned int *size, uint64_t start,
		   uint64_t length);

#endif
