/* SPDX-License-Identifier: MIT */
/* Configuration space as a client in another process sees it, by the policy
 * that guests are subject to; interrupts and BARs are the client's affair. */
#ifndef LIB_PCI_SERVED_H
#define LIB_PCI_SERVED_H

#include <stddef.h>
#include <stdint.h>

struct lend_device;
struct lend_pci;

/* Build the view of an open PCI device. Returns 0, or -errno as lend_pci_new().
 */
int served_new(struct lend_device *device, struct lend_pci **served);
void served_free(struct lend_pci *served);

/* Read a range, which must be within LEND_PCI_CONFIG_SIZE. */
void served_read(struct lend_pci *served, unsigned int offset, void *data,
		 size_t size);

/* Write a range. Returns 0, or -errno of the device; what the policy denies has
 * no effect. */
int served_write(struct lend_pci *served, unsigned int offset, const void *data,
		 size_t size);

/* Make the view that of a device that was just opened. */
void served_reset(struct lend_pci *served);

#endif
