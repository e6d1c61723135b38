/* SPDX-License-Identifier: MIT */
/* Names of host devices, and devices found in sysfs. */
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
 * struct lend_address - a device found in sysfs
 *
 * Opaque, reference-counted and immutable. It keeps what sysfs said when the
 * device was found, which may be stale by now; lend_address_driver() and the
 * functions of lend/attribute.h read sysfs anew.
 *
 * Since: 0.1
 */
struct lend_address;

/**
 * enum lend_bus - bus of a device, as the kernel's driver core has it
 * @LEND_BUS_PCI:      PCI and PCI Express
 * @LEND_BUS_PLATFORM: platform devices
 * @LEND_BUS_MDEV:     mediated devices
 * @LEND_BUS_OTHER:    any other bus (AMBA, AP, CCW), or none; the device's
 *                     "subsystem" link names it
 *
 * Since: 0.1
 */
enum lend_bus {
	LEND_BUS_PCI = 1,
	LEND_BUS_PLATFORM = 2,
	LEND_BUS_MDEV = 3,
	LEND_BUS_OTHER = 4,
};

/**
 * lend_address_find_host() - find a device by its name on a bus
 * @ctx:     context
 * @bus:     LEND_BUS_PCI, LEND_BUS_PLATFORM or LEND_BUS_MDEV
 * @host:    PCI: [DOMAIN:]BUS:DEVICE.FUNCTION in hexadecimal, DOMAIN of up to 8
 *           digits, 0 if omitted; platform: the device's name, without '/';
 *           mdev: its UUID, in upper or lower case
 * @address: receives the device, with one reference; lend_address_unref() drops
 *           it
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @host is malformed, as the record explains, or
 * devices on @bus have no such names; use lend_address_find_path();
 * -ENODEV, LEND_ERROR_NO_DEVICE: no such device; the record lists similar ones;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_SYSTEM: sysfs could not be read.
 *
 * Since: 0.1. Source: Documentation/ABI/testing/sysfs-bus-pci.
 */
int lend_address_find_host(struct lend_ctx *ctx, enum lend_bus bus,
			   const char *host, struct lend_address **address);

/**
 * lend_address_find_path() - find a device by a path to its sysfs directory
 * @ctx:     context
 * @path:    any path that resolves to a device's directory: the canonical one
 *           below /sys/devices, or one through /sys/bus or /sys/class, with
 *           symbolic links, ".." or a trailing '/'
 * @address: receives the device, with one reference; lend_address_unref() drops
 *           it
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @path is empty, or resolves to a place outside
 * sysfs;
 * -ENODEV, LEND_ERROR_NO_DEVICE: @path does not exist, is not a device's
 * directory, or is a class device such as a network interface; for the last,
 * the record names the device it belongs to;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_SYSTEM: sysfs could not be read.
 *
 * Since: 0.1. Source: Documentation/admin-guide/sysfs-rules.rst.
 */
int lend_address_find_path(struct lend_ctx *ctx, const char *path,
			   struct lend_address **address);

/**
 * lend_address_find() - find a device by any of its names
 * @ctx:     context
 * @text:    PCI address, sysfs path, name of a platform device, UUID of a
 *           mediated device, another name as below, or a `-device` string
 * @address: receives the device, with one reference; lend_address_unref() drops
 *           it
 *
 * For names that people type. The first of these rules that matches decides:
 * text that begins with '{', or that begins with neither '/' nor '.' and has a
 * ',' with a '=' behind it, or with "vfio-" before it, is a `-device` string;
 * pci_0000_02_00_0, pci@0000:02:00.0 and pci/0000:02:00.0 are PCI addresses as
 * libvirt, lshw and devlink write them; text that is empty or contains '/' is a
 * path, also to a device node such as /dev/nvme0n1; text of hexadecimal digits,
 * '.' and at least one ':' is a PCI address, VENDOR:DEVICE of four digits each,
 * or a slot without function, if that is one device; a well-formed UUID is a
 * UUID; anything else is the name of a platform device, a network interface, a
 * disk, a graphics or RDMA adapter, or a virtio device.
 *
 * An interface, disk or node stands for the device whose driver made it, unless
 * there is another bus between, such as SCSI or USB; the record then names the
 * controller. A name of that kind ends with the driver that made it: what it
 * stood for is logged.
 *
 * A `-device` string may have the properties that name the device (host,
 * sysfsdev, mdev, fd), iommufd and id, and no others, as those would have no
 * effect: lend_spec_parse() and lend_spec_locate() are for whole strings.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @text names several devices, which the record
 * lists, or is a `-device` string with a property that does not name a device,
 * which the record names;
 * or as lend_address_find_host(), lend_address_find_path(), lend_spec_parse()
 * or lend_spec_locate().
 *
 * Since: 0.1
 */
int lend_address_find(struct lend_ctx *ctx, const char *text,
		      struct lend_address **address);

/**
 * lend_address_ref() - take a reference to a device found in sysfs
 * @address: device
 *
 * Returns: @address; lend_address_unref() drops the reference. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_address *lend_address_ref(struct lend_address *address);

/**
 * lend_address_unref() - drop a reference to a device found in sysfs
 * @address: device, or NULL
 *
 * The last reference frees it, and the strings borrowed from it.
 *
 * Returns: NULL, for `address = lend_address_unref(address)`. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_address *lend_address_unref(struct lend_address *address);

/**
 * lend_address_depends() - test whether a device exists only through another
 * @address: device
 * @maker:   the other device
 *
 * An unbind of @maker from its driver removes such a device: a virtual function
 * of a physical one, a mediated device of its parent, and a PCI function in a
 * domain that the driver of @maker makes.
 *
 * Returns: whether @address depends on @maker. Cannot fail.
 *
 * Since: 0.1
 */
bool lend_address_depends(const struct lend_address *address,
			  const struct lend_address *maker);

/**
 * lend_address_name() - get the kernel's name of a device
 * @address: device
 *
 * Returns: the last component of the canonical path, such as "0000:02:00.0" or
 * a mediated device's UUID; borrowed. Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_address_name(const struct lend_address *address);

/**
 * lend_address_path() - get a device's canonical path in sysfs
 * @address: device
 *
 * Returns: an absolute path without symbolic links; borrowed. Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_address_path(const struct lend_address *address);

/**
 * lend_address_bus() - get the bus that a device is on
 * @address: device
 *
 * Returns: the bus. Cannot fail.
 *
 * Since: 0.1
 */
enum lend_bus lend_address_bus(const struct lend_address *address);

/**
 * lend_address_group() - get the number of a device's IOMMU group
 * @address: device
 *
 * The number is that of when the device was found.
 *
 * Returns: the group's number, 0 or more, or
 * -ENODATA, LEND_ERROR_NO_GROUP: the device has no group; the record says
 * whether the host has an IOMMU in use, and how to enable it;
 * -EBADMSG, LEND_ERROR_DEVICE: its iommu_group link does not lead to a group;
 * or another -errno, LEND_ERROR_SYSTEM: the link could not be read.
 *
 * Since: 0.1
 */
int lend_address_group(const struct lend_address *address);

/**
 * lend_address_driver() - get the driver that a device is bound to now
 * @address: device
 * @buffer:  receives the driver's name, terminated by NUL; "" if the device has
 *           no driver, and after a failure
 * @size:    bytes of @buffer, at least 1; 64 is enough for any driver of Linux
 *
 * Makes no record of a failure.
 *
 * Returns: the length of the name in bytes; 0 if the device has no driver, or
 * -ENAMETOOLONG: @buffer is too small;
 * or another -errno of readlink().
 *
 * Since: 0.1
 */
int lend_address_driver(const struct lend_address *address, char *buffer,
			unsigned int size);

/**
 * lend_address_equal() - compare two devices
 * @a: device
 * @b: device, of the same context or another
 *
 * Compares canonical paths, not the names by which the devices were found.
 *
 * Returns: true if they are the same device. Cannot fail.
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
