/* SPDX-License-Identifier: MIT */
/* Finds a mediated device by its UUID. */
#ifndef LIB_ADDRESS_FIND_MDEV_H
#define LIB_ADDRESS_FIND_MDEV_H

#include <lend/address.h>

/* Returns 0, -EINVAL with LEND_ERROR_ARGUMENT where uuid is misspelled, -ENODEV
 * with LEND_ERROR_NO_DEVICE and the mediated devices that exist, or another
 * -errno. */
int find_mdev(struct lend_ctx *ctx, const char *uuid,
	      struct lend_address **address);

#endif
