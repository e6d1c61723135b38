/* SPDX-License-Identifier: MIT */
/* Finds a device by what its driver made: an interface, a disk, a node. */
#ifndef LIB_ADDRESS_FIND_PART_H
#define LIB_ADDRESS_FIND_PART_H

#include <lend/address.h>

/*
 * Finds the device that the network interface, disk, adapter or virtio device
 * called name belongs to. Returns 0; 1, nothing recorded, if there is none of
 * that name; -ENODEV with LEND_ERROR_NO_DEVICE if it is no device's own, with
 * how to name the one above; or another -errno.
 */
int find_part(struct lend_ctx *ctx, const char *name,
	      struct lend_address **address);

/* The same for the node at path; 1 if it is not one of a device. */
int find_part_node(struct lend_ctx *ctx, const char *path,
		   struct lend_address **address);

#endif
