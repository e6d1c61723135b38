/* SPDX-License-Identifier: MIT */
/* Host drivers: which one a device is bound to, and how it is moved to
 * another. */
#ifndef LIB_HOST_DRIVER_H
#define LIB_HOST_DRIVER_H

#include <lend/address.h>

#include "lib/base/sysfs.h"

/* A bus whose devices must be bound to a VFIO driver. */
struct vfio_bus {
	enum lend_bus bus;
	const char *name;   /* its directory in /sys/bus */
	const char *driver; /* also the name of its module */
};

/* A device whose driver is changed. */
struct driver_target {
	const struct vfio_bus *bus;
	const char *name;
	int lock; /* lock_take_device(): a call that sleeps keeps it; or -1 */
};

/* How long a change of a driver may take. */
enum { DRIVER_SECONDS = 30 };

/* And of the number of virtual functions: some drivers take a second for each.
 */
enum { SRIOV_SECONDS = 300 };

/* Return NULL for a bus without such a driver. */
const struct vfio_bus *vfio_bus_of(enum lend_bus bus);
const struct vfio_bus *vfio_bus_named(const char *name);

/* All that follow return 0 or -errno, with a record. */

/* Reads the driver of a device, "" for none. */
int driver_get(struct lend_ctx *ctx, const struct vfio_bus *bus,
	       const char *device, char driver[SYSFS_NAME]);

/* Those that follow wait for DRIVER_SECONDS, and then fail with -ETIMEDOUT,
 * LEND_ERROR_BUSY: the kernel goes on, and waits for what uses the device. */

/* Reads or writes driver_override, the one driver that may be bound, "" for
 * any. */
int driver_get_override(struct lend_ctx *ctx,
			const struct driver_target *target,
			char driver[SYSFS_NAME]);
int driver_set_override(struct lend_ctx *ctx,
			const struct driver_target *target, const char *driver);

/* Reads or writes the number of virtual functions; "" for none, and for a
 * device that cannot have any. */
int driver_get_functions(struct lend_ctx *ctx,
			 const struct driver_target *target, char count[8]);
int driver_set_functions(struct lend_ctx *ctx,
			 const struct driver_target *target, const char *count);

/* Unbinds a device from its driver, if any. */
int driver_unbind(struct lend_ctx *ctx, const struct driver_target *target);

/* Moves a device to a driver through driver_override, which then holds that
 * driver's name. -EIO, LEND_ERROR_HOST_DRIVER if it is bound to another driver
 * then, or to none. */
int driver_move(struct lend_ctx *ctx, const struct driver_target *target,
		const char *driver);

/* Lets the kernel bind any driver that matches; none is no failure. */
int driver_probe_any(struct lend_ctx *ctx, const struct driver_target *target);

/* Refuses a device on a bus that has no VFIO driver: LEND_ERROR_WRONG_TYPE. */
int driver_refuse_bus(struct lend_ctx *ctx, const char *device);

/* Refuses a PCI bridge, which the kernel's VFIO does not support:
 * LEND_ERROR_WRONG_TYPE. */
int driver_check_not_bridge(struct lend_ctx *ctx, const struct vfio_bus *bus,
			    const char *device);

/* Records a failed change: LEND_ERROR_PERMISSION if it requires root, else
 * LEND_ERROR_SYSTEM. Returns -EACCES or -error. */
int change_failed(struct lend_ctx *ctx, int err, const char *device,
		  const char *what, const char *path);

/* Records that the kernel did not end a change in time: which processes it may
 * wait for, and how that ends. @path is any path of the device. Returns
 * -ETIMEDOUT, LEND_ERROR_BUSY. */
int change_is_late(struct lend_ctx *ctx, const char *device, const char *path,
		   const char *what, unsigned int seconds);

#endif
