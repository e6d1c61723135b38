/* SPDX-License-Identifier: MIT */
/* Host drivers of devices: which has one, and how it gets another. */
#ifndef LIB_HOST_DRIVER_H
#define LIB_HOST_DRIVER_H

#include <lend/address.h>

#include "lib/base/sysfs.h"

/* A bus whose devices have to be moved to a driver of VFIO's. */
struct vfio_bus {
	enum lend_bus bus;
	const char *name;   /* its directory in /sys/bus */
	const char *driver; /* which is also the module's name */
};

/* NULL for a bus that has no such driver. */
const struct vfio_bus *vfio_bus_of(enum lend_bus bus);
const struct vfio_bus *vfio_bus_named(const char *name);

/* All that follow return 0 or -errno, with a record. */

/* The driver that has a device, "" for none. */
int driver_get(struct lend_ctx *ctx, const struct vfio_bus *bus,
	       const char *device, char driver[SYSFS_NAME]);

/* The one driver that may have a device, "" for any. */
int driver_get_override(struct lend_ctx *ctx, const struct vfio_bus *bus,
			const char *device, char driver[SYSFS_NAME]);
int driver_set_override(struct lend_ctx *ctx, const struct vfio_bus *bus,
			const char *device, const char *driver);

/* The kernel's VFIO takes no PCI device with a bridge's header:
 * LEND_ERROR_WRONG_TYPE. */
int driver_check_not_bridge(struct lend_ctx *ctx, const struct vfio_bus *bus,
			    const char *device);

/* Takes a device from the driver that has it, if any. */
int driver_unbind(struct lend_ctx *ctx, const struct vfio_bus *bus,
		  const char *device);

/* Moves a device to a driver through driver_override, which then holds that
 * driver's name. -EIO, LEND_ERROR_HOST_DRIVER where another has it then, or
 * none. */
int driver_move(struct lend_ctx *ctx, const struct vfio_bus *bus,
		const char *device, const char *driver);

/* Records a failed change: LEND_ERROR_PERMISSION where it takes root, else
 * LEND_ERROR_SYSTEM. Returns -EACCES or -error. */
int change_failed(struct lend_ctx *ctx, int err, const char *device,
		  const char *what, const char *path);

#endif
