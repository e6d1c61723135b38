/* SPDX-License-Identifier: MIT */
/* Finds a PCI device by a name that several may share. */
#ifndef LIB_ADDRESS_FIND_PCI_FEW_H
#define LIB_ADDRESS_FIND_PCI_FEW_H

#include <lend/address.h>

/*
 * Finds the one device with IDs VENDOR:DEVICE, or in the slot
 * [DOMAIN:]BUS:DEVICE. Returns 0; 1, nothing recorded, if text has neither
 * form; -EINVAL with LEND_ERROR_ARGUMENT and the devices if there are several;
 * -ENODEV with LEND_ERROR_NO_DEVICE if there is none; or another -errno.
 */
int find_pci_few(struct lend_ctx *ctx, const char *text,
		 struct lend_address **address);

#endif
