/* SPDX-License-Identifier: MIT */
/* Finds a platform device by its name. */
#ifndef LIB_ADDRESS_FIND_PLATFORM_H
#define LIB_ADDRESS_FIND_PLATFORM_H

#include <lend/address.h>

/* @host: a name in /sys/bus/platform/devices
 * Returns 0, -EINVAL with LEND_ERROR_ARGUMENT where host cannot be a name,
 * -ENODEV with LEND_ERROR_NO_DEVICE and the nearest name, or another -errno. */
int find_platform(struct lend_ctx *ctx, const char *host,
		  struct lend_address **address);

#endif
