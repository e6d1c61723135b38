/* SPDX-License-Identifier: MIT */
/* The VFIO driver that fits a device. */
#ifndef LIB_HOST_VARIANT_H
#define LIB_HOST_VARIANT_H

#include <lend/address.h>

#include "lib/host/driver.h"

/* Chooses the VFIO driver of a device on @bus; arguments and errors as of
 * lend_bind_driver(). */
int variant_choose(const struct lend_address *address,
		   const struct vfio_bus *bus, const char *wanted,
		   char driver[SYSFS_NAME]);

/* Adds a remedy to the record of a driver that did not bind: the one that any
 * device of the bus can have. */
void variant_add_remedy(struct lend_ctx *ctx, const struct vfio_bus *bus,
			const char *device, const char *driver);

#endif
