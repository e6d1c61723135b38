/* SPDX-License-Identifier: MIT */
/* Mediated devices: types that parents support, creation and removal. */
#ifndef LEND_MDEV_H
#define LEND_MDEV_H

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_mdev_type - a type of mediated device that a parent supports
 * @parent:      name of the parent
 * @type:        name of the type, such as "mtty-1"
 * @name:        readable name; "" if the driver gives none
 * @description: description, one line; "" if the driver gives none
 * @api:         VFIO API of the device, such as "vfio-pci"; "" if the driver
 *               gives none
 * @available:   number of devices of this type that can still be created; -1 if
 *               the driver does not say
 *
 * Made by the library alone; may grow at its end.
 *
 * Since: 0.1. Source: Documentation/driver-api/vfio-mediated-device.rst.
 */
struct lend_mdev_type {
	const char *parent;
	const char *type;
	const char *name;
	const char *description;
	const char *api;
	int available;
};

/**
 * lend_mdev_types() - iterate over the types that parents support
 * @ctx:    context
 * @parent: name in /sys/class/mdev_bus, PCI address or sysfs path of a parent;
 *          NULL for all parents
 * @each:   called for each type, sorted by parent and type; @type is valid
 *          until it returns; a result other than 0 ends the iteration
 * @opaque: first argument of @each
 *
 * Returns: 0 after the last type; the result of @each that ended the iteration;
 * or
 * -ENODEV, LEND_ERROR_NO_DEVICE: @parent is not a parent of mediated devices;
 * the record lists those of this host;
 * or another -errno, LEND_ERROR_SYSTEM: sysfs could not be read.
 *
 * Since: 0.1
 */
int lend_mdev_types(struct lend_ctx *ctx, const char *parent,
		    int (*each)(void *opaque,
				const struct lend_mdev_type *type),
		    void *opaque);

/**
 * lend_mdev_create() - create a mediated device
 * @ctx:     context
 * @parent:  parent, as for lend_mdev_types(), but not NULL
 * @type:    name of a type that @parent supports
 * @uuid:    UUID of the new device, which becomes its name
 * @address: receives the device, with one reference; lend_address_unref() drops
 *           it
 *
 * The device exists until lend_mdev_remove() or the next boot.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @uuid is not a UUID;
 * -ENODEV, LEND_ERROR_NO_DEVICE: no such parent, or it does not support @type;
 * the record lists what there is;
 * -EEXIST, LEND_ERROR_ATTACHED: a device of that UUID exists;
 * -ENOSPC, LEND_ERROR_LIMIT: the parent can create no more devices of that
 * type;
 * -EACCES, LEND_ERROR_PERMISSION: it requires root;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory; the device exists;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_mdev_create(struct lend_ctx *ctx, const char *parent, const char *type,
		     const char *uuid, struct lend_address **address);

/**
 * lend_mdev_remove() - remove a mediated device
 * @address: device
 *
 * The caller keeps its reference to @address.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_WRONG_TYPE: not a mediated device;
 * -EBUSY, LEND_ERROR_BUSY: a process, which the record names, has it open, and
 * the kernel would wait for it without end;
 * -ETIMEDOUT, LEND_ERROR_BUSY: the kernel has not ended it within 30 seconds;
 * it goes on when the processes that use the device have ended;
 * -EACCES, LEND_ERROR_PERMISSION: it requires root;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_mdev_remove(const struct lend_address *address);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
