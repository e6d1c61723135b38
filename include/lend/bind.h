/* SPDX-License-Identifier: MIT */
/* Binding devices to VFIO drivers, and restoring their host drivers. */
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
 * struct lend_bind_options - options of lend_bind() and lend_restore()
 * @size:     sizeof(struct lend_bind_options)
 * @moved:    called for each device whose driver was changed, with its name,
 *            the driver it had and the driver it has, "" for none; or NULL
 * @opaque:   first argument of @moved
 * @driver:   for lend_bind() only: the VFIO driver to bind each device to, as
 *            for lend_bind_driver(); NULL for "auto"
 * @dry_run:  for lend_bind() only: change nothing, and call @moved for each
 *            device that would be moved; without @moved, only check
 * @force:    remove other devices, if they exist only through the driver of a
 *            device that is moved, or lose their drivers with it; a warning
 *            names them
 * @idle:     for lend_bind() only: refuse a device that the host uses, as
 *            lend_check_idle() does, before anything is changed; a device that
 *            @force would remove is such a use; and refuse a part of the
 *            chipset, unless other devices are in its IOMMU group
 * @unrecorded: for lend_restore() only: a device in @addresses that is not
 *            recorded, but bound to a VFIO driver, is unbound, and the kernel
 *            probes for a host driver; as where a udev rule bound it
 * @reserved: 0
 *
 * lend_bind() calls @moved after all devices are bound, lend_restore() after
 * each device. Both hold the lock on the state directory then: @moved must not
 * call either of them.
 *
 * Since: 0.1
 */
struct lend_bind_options {
	size_t size;
	void (*moved)(void *opaque, const char *device, const char *from,
		      const char *to);
	void *opaque;
	const char *driver;
	bool dry_run;
	bool force;
	bool idle;
	bool unrecorded;
	uint8_t reserved[4];
};

/**
 * lend_bind_driver() - name the VFIO driver that lend_bind() binds a device to
 * @address: device, on a VFIO driver or not
 * @wanted:  "auto" or NULL for the driver that fits best, or a driver's name
 * @driver:  receives the name of the driver, ended by NUL; "" for a mediated
 *           device
 * @size:    bytes at @driver; 256 are enough for every driver
 *
 * Some PCI devices have a VFIO driver of their own, a variant of vfio-pci that
 * adds what their model can do, such as migration. The running kernel's
 * modules.alias and modules.builtin.modinfo list which. Of the aliases that
 * begin with "vfio_pci:" and match the device's modalias, the one with the
 * fewest wildcards decides, which is that of vfio-pci where there is no
 * variant. These lists are read once for each context.
 *
 * '-' and '_' are equal in @wanted. The kernel reports the name of a driver
 * only once its module is loaded; until then, @driver receives the module's.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_WRONG_TYPE: the device is a bridge, or on a bus that has
 * no VFIO driver, or on one that has no driver @wanted;
 * -EINVAL, LEND_ERROR_ARGUMENT: @wanted is not the name of a VFIO driver;
 * -ENOTSUP, LEND_ERROR_WRONG_TYPE: the driver @wanted does not list the device;
 * use "auto", or another driver;
 * -ENOBUFS, LEND_ERROR_ARGUMENT: @size is too small for the name;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory.
 *
 * Since: 0.1. Source: PCI_DRIVER_OVERRIDE_DEVICE_VFIO() of Linux.
 */
int lend_bind_driver(const struct lend_address *address, const char *wanted,
		     char *driver, size_t size);

/**
 * lend_bind() - bind devices to the VFIO driver of their bus
 * @ctx:       context
 * @addresses: devices
 * @count:     entries of @addresses
 * @options:   options, or NULL for the defaults
 *
 * All devices are bound, or none. Each device's driver and driver_override are
 * recorded in the context's state directory before the first device is changed.
 * If a device cannot be bound, those already bound get their drivers back; one
 * that does not is named in the evidence, and its record stays for
 * lend_restore(). After a crash at any point, lend_restore() restores all.
 *
 * lend_bind_driver() names the driver of each device. A device that is bound to
 * a VFIO driver already, or is on the bus of mediated devices, is skipped and
 * not recorded. Whether the host uses a device is
 * checked only with @idle.
 *
 * Some devices exist only through another's driver: virtual functions, mediated
 * devices, the PCI functions of a domain that a driver makes. Others lose their
 * drivers with it. A device that has such others is not moved, unless @force is
 * set; and not if a process has one of them open, or one of them is in
 * @addresses too. At the end each device is looked at again.
 *
 * Only driver_override, unbind and drivers_probe are written, so that no other
 * device of the same model is affected.
 *
 * The kernel may sleep in such a write until a device is released, and then
 * nothing ends it. So a child process writes. It has no open descriptor of this
 * process, sends no SIGCHLD, and is not seen by any wait() of the program. In
 * a program with threads it makes system calls alone. Making it copies the
 * program's page tables, as fork() does, except memory that is marked
 * MADV_DONTFORK.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not the structure's size;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -EINVAL, LEND_ERROR_WRONG_TYPE: a device is a bridge, lend the devices behind
 * it, or is on a bus that has no VFIO driver; or, with @idle, a part of the
 * chipset; and what lend_bind_driver() returns;
 * -EEXIST, LEND_ERROR_STATE: a device is bound to another VFIO driver than
 * @options->driver; restore it first (lend_restore());
 * -ENODATA, LEND_ERROR_NO_GROUP: a device has no IOMMU group; the record says
 * how to enable the IOMMU;
 * -EBADMSG, LEND_ERROR_DEVICE: sysfs has invalid data about a device;
 * -ENOENT, LEND_ERROR_NO_VFIO: the VFIO driver is not loaded; the record names
 * the module;
 * -ENOTSUP, LEND_ERROR_NO_VFIO: the running kernel was built without it;
 * -EACCES, LEND_ERROR_PERMISSION: sysfs or the state directory is not writable;
 * run as root;
 * -EBUSY, LEND_ERROR_IN_USE: other devices depend on the driver of a device;
 * the record names them, and the commands that remove them; or with @idle, the
 * host uses a device, and the evidence has a line for each use;
 * -EBUSY, LEND_ERROR_BUSY: a process, which the record names, has one of those
 * open, and the kernel would wait for it without end; or another function that
 * changes the host is in progress, in this process or another, and did not end
 * within 10 seconds; or the kernel has not ended an earlier change of a device;
 * try again;
 * -ETIMEDOUT, LEND_ERROR_BUSY: the kernel has not ended a change within 30
 * seconds, since a process uses the device; the record names those that are
 * seen. The change goes on without this process, and the device's record stays:
 * call lend_restore() when those processes have ended;
 * -EIO, LEND_ERROR_HOST_DRIVER: the kernel bound another driver, or none, or
 * the host driver did not release the device;
 * -EBADMSG, LEND_ERROR_STATE: the record of a device is damaged; the failure's
 * record names the file to remove;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: Documentation/ABI/testing/sysfs-bus-pci, driver_override.
 */
int lend_bind(struct lend_ctx *ctx, struct lend_address *const *addresses,
	      unsigned int count, const struct lend_bind_options *options);

/**
 * lend_restore() - bind devices to the drivers they had before lend_bind()
 * @ctx:       context
 * @addresses: devices, or NULL for all recorded ones
 * @count:     entries of @addresses; ignored if that is NULL
 * @options:   options, or NULL for the defaults; @dry_run is ignored
 *
 * Continues after a failure. The first failure is returned and recorded, and
 * each further one is logged as a warning. The record of a device that no
 * longer exists is removed, and a device that another host driver has taken
 * meanwhile stays with it; a warning is logged for both.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not the structure's size;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENOENT, LEND_ERROR_STATE: a device in @addresses is not recorded, as
 * lend_bind() did not take it, and @unrecorded is not set or it is not bound to
 * a VFIO driver;
 * -EBUSY, LEND_ERROR_IN_USE: other devices depend on the VFIO driver of a
 * device, as for lend_bind(), and @force is not set;
 * -EBUSY, LEND_ERROR_BUSY: a process, which the record names, has the device or
 * its group open, and the kernel would wait for it without end; or another
 * function that changes the host is in progress, as for lend_bind();
 * -ETIMEDOUT, LEND_ERROR_BUSY: the kernel has not ended a change within 30
 * seconds, since a process uses the device; the record names those that are
 * seen. The change goes on without this process, and the device's record stays:
 * call lend_restore() when those processes have ended;
 * -EIO, LEND_ERROR_HOST_DRIVER: the driver that the device had did not bind;
 * the record names it, load its module;
 * -EBADMSG, LEND_ERROR_STATE: the record of a device is damaged; the failure's
 * record names the file to remove;
 * -EACCES, LEND_ERROR_PERMISSION: sysfs or the state directory is not writable;
 * run as root;
 * or another -errno, LEND_ERROR_SYSTEM.
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
