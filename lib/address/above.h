/* SPDX-License-Identifier: MIT */
/* Finds the devices that a directory in sysfs is below. */
#ifndef LIB_ADDRESS_ABOVE_H
#define LIB_ADDRESS_ABOVE_H

#include "lib/base/sysfs.h"

/* Reads on which bus the device at path, canonical and below sysfs, is. Returns
 * false if it is not a device on a bus. */
bool above_read_bus(struct lend_ctx *ctx, const char *path, const char *sysfs,
		    char bus[SYSFS_NAME]);

/* Cuts path to the nearest directory above it that is a device on a bus, and
 * reads which bus. Returns false if there is none. */
bool above_step(struct lend_ctx *ctx, char path[SYSFS_PATH], const char *sysfs,
		char bus[SYSFS_NAME]);

#endif
