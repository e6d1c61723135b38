/* SPDX-License-Identifier: MIT */
/* Taking devices from their host drivers, and giving them back. */
#ifndef LEND_BIND_H
#define LEND_BIND_H

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct lend_bind_options - how devices are moved
 * @size:   sizeof(struct lend_bind_options), so that it can grow
 * @moved:  called after each device that was moved: its name, the driver it
 *          had and the one it has, "" for none; NULL for none
 * @opaque: first argument of @moved
 *
 * Since: 0.1
 */
struct lend_bind_options {
	size_t size;
	void (*moved)(void *opaque, const char *device, const char *from,
		      const char *to);
	void *opaque;
};

/**
 * lend_bind() - bind devices to their bus's VFIO driver
 * @ctx:       context
 * @addresses: devices
 * @count:     how many
 * @options:   or NULL
 *
 * A transaction: each device's driver and driver_override are recorded in the
 * context's state directory before the first is touched; if one cannot be
 * bound, those already moved are put back. A device that is on the VFIO driver
 * already is left alone and not recorded. After a crash at any point,
 * lend_restore() puts things back. Only driver_override and drivers_probe are
 * used, so that no other device is caught.
 *
 * Returns: 0, or
 * -ENODATA, LEND_ERROR_NO_GROUP: a device has no IOMMU group;
 * -ENOENT, LEND_ERROR_NO_VFIO: the VFIO driver is not loaded; the record
 * names the module;
 * -EACCES, LEND_ERROR_PERMISSION: sysfs or the state directory cannot be
 * written; it takes root;
 * -EBUSY, LEND_ERROR_BUSY: another bind or restore is under way;
 * -EIO, LEND_ERROR_HOST_DRIVER: the kernel bound another driver, or none;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: Documentation/ABI/testing/sysfs-bus-pci, driver_override.
 */
int lend_bind(struct lend_ctx *ctx, struct lend_address *const *addresses,
	      unsigned int count, const struct lend_bind_options *options);

/**
 * lend_restore() - give devices back to the drivers they had
 * @ctx:       context
 * @addresses: devices, or NULL for all that are recorded
 * @count:     how many; 0 where @addresses is NULL
 * @options:   or NULL
 *
 * Goes on after a failure, so that one device does not hold up the others; the
 * first failure is returned and recorded. A recorded device that is gone from
 * the machine is forgotten, with a warning.
 *
 * Returns: 0, or
 * -ENOENT, LEND_ERROR_STATE: a named device is not recorded as bound by lend;
 * -EBADMSG, LEND_ERROR_STATE: a record is damaged; the record names the file;
 * or as lend_bind().
 *
 * Since: 0.1
 */
int lend_restore(struct lend_ctx *ctx, struct lend_address *const *addresses,
		 unsigned int count, const struct lend_bind_options *options);

#ifdef __cplusplus
}
#endif

#endif
