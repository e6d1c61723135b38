/* SPDX-License-Identifier: MIT */
/* Mediated devices: which a parent can make, making and removing them. */
#ifndef LEND_MDEV_H
#define LEND_MDEV_H

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_mdev_type - a kind of mediated device that a parent can make
 * @parent:      the parent's name
 * @type:        the type's name, such as "mtty-1"
 * @name:        what people call it; "" where the driver does not say
 * @description: more of it, one line; ""
 * @api:         what it is to VFIO, such as "vfio-pci"; ""
 * @available:   how many more can be made; -1 where the driver does not say
 *
 * Made by the library alone, may grow at its end.
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
 * lend_mdev_types() - go through the types that parents can make
 * @ctx:    context
 * @parent: name in /sys/class/mdev_bus, PCI address, or path of a parent; NULL
 *          for all there are
 * @each:   called for each type, sorted; what it is given is valid until it
 *          returns; ends the list where it returns anything but 0
 * @opaque: first argument of @each
 *
 * Returns: 0, what @each returned, or
 * -ENODEV, LEND_ERROR_NO_DEVICE: @parent is no parent of mediated devices; the
 * record lists those there are;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_mdev_types(struct lend_ctx *ctx, const char *parent,
		    int (*each)(void *opaque,
				const struct lend_mdev_type *type),
		    void *opaque);

/**
 * lend_mdev_create() - make a mediated device
 * @ctx:     context
 * @parent:  as for lend_mdev_types(), not NULL
 * @type:    a type of that parent's
 * @uuid:    the new device's name, a UUID
 * @address: receives the device, with one reference
 *
 * It lasts until lend_mdev_remove() or the next boot.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @uuid is none;
 * -ENODEV, LEND_ERROR_NO_DEVICE: no such parent, or it has no such type; the
 * record lists those there are;
 * -EEXIST, LEND_ERROR_ATTACHED: there is a device of that UUID;
 * -ENOSPC, LEND_ERROR_LIMIT: the parent can make no more of that type;
 * -EACCES, LEND_ERROR_PERMISSION: it takes root;
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
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_WRONG_TYPE: it is no mediated device;
 * -EBUSY, LEND_ERROR_BUSY: a process has it open, the record names it: the
 * kernel would have us wait for it;
 * -EACCES, LEND_ERROR_PERMISSION: it takes root;
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
