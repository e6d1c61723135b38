/* SPDX-License-Identifier: MIT */
/* Names of host devices: what a person types, and where it stands in sysfs. */
#ifndef LEND_ADDRESS_H
#define LEND_ADDRESS_H

#include <stdbool.h>

#include <lend/context.h>
#include <lend/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_address - a device that was found in sysfs
 *
 * Opaque, reference-counted, immutable: what it says was true when it was
 * found, except lend_address_driver(), which looks anew.
 *
 * Since: 0.1
 */
struct lend_address;

/**
 * enum lend_bus - what the kernel's driver core has the device on
 *
 * Since: 0.1
 */
enum lend_bus {
	LEND_BUS_PCI = 1,
	LEND_BUS_PLATFORM = 2,
	LEND_BUS_MDEV = 3,
	LEND_BUS_OTHER = 4, /* AMBA, AP, CCW, …: see its subsystem link */
};

/**
 * lend_address_find_host() - find a device by its address on a bus
 * @ctx:     context
 * @bus:     LEND_BUS_PCI, LEND_BUS_PLATFORM or LEND_BUS_MDEV
 * @host:    PCI: [domain:]bus:slot.function, hexadecimal, domain up to 8
 *           digits; platform: the device's name, without '/'; mdev: its UUID
 * @address: receives the device, with one reference
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: not of that form; the record says why;
 * -ENODEV, LEND_ERROR_NO_DEVICE: no such device; the record lists near ones.
 *
 * Since: 0.1. Source: Documentation/ABI/testing/sysfs-bus-pci.
 */
int lend_address_find_host(struct lend_ctx *ctx, enum lend_bus bus,
			   const char *host, struct lend_address **address);

/**
 * lend_address_find_path() - find a device by where it stands in sysfs
 * @ctx:     context
 * @path:    any path that leads to a device's directory: canonical or through
 *           /sys/bus or /sys/class, with symbolic links, "..", trailing '/'
 * @address: receives the device, with one reference
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: empty, or leads out of sysfs;
 * -ENODEV, LEND_ERROR_NO_DEVICE: does not exist, is no device's directory, or
 * is of a class, as a network interface is; the record names the device that
 * it is part of.
 *
 * Since: 0.1. Source: Documentation/admin-guide/sysfs-rules.rst.
 */
int lend_address_find_path(struct lend_ctx *ctx, const char *path,
			   struct lend_address **address);

/**
 * lend_address_find() - find a device by whatever a person types for it
 * @ctx:     context
 * @text:    PCI address, sysfs path, platform device's name, mediated
 *           device's UUID, or a whole -device string
 * @address: receives the device, with one reference
 *
 * A text that begins with neither '/' nor '.' and has a ',' followed by a '='
 * is a -device string, any other with a '/' is a path, one of hexadecimal
 * digits, '.' and at least one ':' is a PCI address, one of a UUID's form is a
 * UUID, any other is a platform device's name.
 *
 * Returns: as lend_address_find_host(), lend_address_find_path(),
 * lend_spec_parse() and lend_spec_locate().
 *
 * Since: 0.1
 */
int lend_address_find(struct lend_ctx *ctx, const char *text,
		      struct lend_address **address);

/**
 * lend_address_ref() - take a reference
 * @address: device
 *
 * Returns: @address; lend_address_unref() drops the reference. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_address *lend_address_ref(struct lend_address *address);

/**
 * lend_address_unref() - drop a reference, the last one frees it
 * @address: device, or NULL
 *
 * Returns: NULL.
 *
 * Since: 0.1
 */
struct lend_address *lend_address_unref(struct lend_address *address);

/**
 * lend_address_name() - the kernel's name of the device
 * @address: device
 *
 * Returns: the last part of the canonical path, such as "0000:02:00.0" or an
 * mdev's UUID; borrowed.
 *
 * Since: 0.1
 */
const char *lend_address_name(const struct lend_address *address);

/**
 * lend_address_path() - the device's canonical path
 * @address: device
 *
 * Returns: an absolute path without symbolic links; borrowed.
 *
 * Since: 0.1
 */
const char *lend_address_path(const struct lend_address *address);

/**
 * lend_address_bus() - what bus the device is on
 * @address: device
 *
 * Returns: the bus, LEND_BUS_OTHER for one that has no name here. Cannot fail.
 *
 * Since: 0.1
 */
enum lend_bus lend_address_bus(const struct lend_address *address);

/**
 * lend_address_group() - number of the device's IOMMU group
 * @address: device
 *
 * Returns: the group's number (0 or more), or
 * -ENODATA, LEND_ERROR_NO_GROUP: it has none; the record says whether the
 * machine has an IOMMU in use at all and how to switch it on;
 * -EBADMSG, LEND_ERROR_DEVICE: its iommu_group link makes no sense.
 *
 * Since: 0.1
 */
int lend_address_group(const struct lend_address *address);

/**
 * lend_address_driver() - the driver that has the device now
 * @address: device
 * @buffer:  receives the name, ended by NUL
 * @size:    bytes @buffer has room for; 64 will do
 *
 * Returns: the length of the name, 0 where no driver has the device, or
 * -ENAMETOOLONG where @buffer is too small, or another -errno of readlink().
 *
 * Since: 0.1
 */
int lend_address_driver(const struct lend_address *address, char *buffer,
			unsigned int size);

/**
 * lend_address_equal() - whether two names mean one device
 * @a: device
 * @b: device, of the same context or of another one
 *
 * Compares what the kernel calls the devices, not how they were spelled.
 *
 * Returns: whether they are one device. Cannot fail.
 *
 * Since: 0.1
 */
bool lend_address_equal(const struct lend_address *a,
			const struct lend_address *b);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
