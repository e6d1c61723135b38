/* SPDX-License-Identifier: MIT */
/* Taking devices from their host drivers, and giving them back. */
#ifndef LEND_BIND_H
#define LEND_BIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_bind_options - how devices are moved
 * @size:   sizeof(struct lend_bind_options), so that it can grow
 * @moved:  called for each device that was moved: its name, the driver it had
 *          and the one it has, "" for none; by lend_bind() when all are; NULL
 *          for none
 * @opaque: first argument of @moved
 * @dry_run: lend_bind() alone: call @moved for what would be moved, and leave
 *          everything as it is
 * @reserved: 0
 *
 * Since: 0.1
 */
struct lend_bind_options {
	size_t size;
	void (*moved)(void *opaque, const char *device, const char *from,
		      const char *to);
	void *opaque;
	bool dry_run;
	uint8_t reserved[7];
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
 * already, or on the bus of mediated devices, is left alone and not recorded.
 * After a crash at any point, lend_restore() puts things back. Only
 * driver_override, unbind and drivers_probe are used, so that no other device
 * is caught. Whether the host uses a device is not looked at.
 *
 * Where a device cannot even be put back, the evidence names it, and its record
 * stays for lend_restore().
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not set;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -EINVAL, LEND_ERROR_WRONG_TYPE: a bridge, or on a bus without a VFIO driver;
 * -ENODATA, LEND_ERROR_NO_GROUP: a device has no IOMMU group;
 * -ENOENT, LEND_ERROR_NO_VFIO: the VFIO driver is not loaded; the record
 * names the module;
 * -EACCES, LEND_ERROR_PERMISSION: sysfs or the state directory cannot be
 * written; it takes root;
 * -EBUSY, LEND_ERROR_BUSY: another bind or restore is under way;
 * -EIO, LEND_ERROR_HOST_DRIVER: the kernel bound another driver, or none;
 * -EBADMSG, LEND_ERROR_STATE: there is a damaged record of a device; the
 * record of the failure names the file;
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
 * first failure is returned and recorded, others are logged as warnings. A
 * recorded device that is gone from the machine is forgotten, and one that
 * another host driver has taken is left to it, each with a warning.
 *
 * Returns: 0, or
 * -ENOENT, LEND_ERROR_STATE: a named device is not recorded as bound by lend;
 * -EBUSY, LEND_ERROR_BUSY: a process has the device's group open, and the
 * kernel would have us wait for it; the record names it; or another bind or
 * restore is under way;
 * -EIO, LEND_ERROR_HOST_DRIVER: the driver it had did not take it back; the
 * record names the driver;
 * or as lend_bind().
 *
 * Since: 0.1
 */
int lend_restore(struct lend_ctx *ctx, struct lend_address *const *addresses,
		 unsigned int count, const struct lend_bind_options *options);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
