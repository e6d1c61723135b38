/* SPDX-License-Identifier: MIT */
/* Finds a PCI device by its address. */
#ifndef LIB_ADDRESS_FIND_PCI_H
#define LIB_ADDRESS_FIND_PCI_H

#include <lend/address.h>

/* @host: DOMAIN:BUS:DEVICE.FUNCTION, the domain optional
 * Returns 0, -EINVAL with LEND_ERROR_ARGUMENT where host is misspelled, -ENODEV
 * with LEND_ERROR_NO_DEVICE and the nearest devices, or another -errno. */
int find_pci(struct lend_ctx *ctx, const char *host,
	     struct lend_address **address);

/* Adds a device to the record: "present: 0000:02:00.0, 8086:10d3, driver
 * e1000e". */
void find_pci_add_evidence(struct lend_ctx *ctx, const char *name);

#endif
