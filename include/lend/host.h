/* SPDX-License-Identifier: MIT */
/* The devices of this machine, and who shares an IOMMU group. */
#ifndef LEND_HOST_H
#define LEND_HOST_H

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * lend_host_list() - go through the devices on a bus
 * @ctx:    context
 * @bus:    LEND_BUS_PCI, LEND_BUS_PLATFORM or LEND_BUS_MDEV
 * @each:   called for each device, sorted by name, with a borrowed reference;
 *          ends the list where it returns anything but 0
 * @opaque: first argument of @each
 *
 * A device that goes away meanwhile is passed over.
 *
 * Returns: 0, also for a bus that the machine has not; what @each returned;
 * -EINVAL, LEND_ERROR_ARGUMENT: @bus is another; or -errno,
 * LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_host_list(struct lend_ctx *ctx, enum lend_bus bus,
		   int (*each)(void *opaque, struct lend_address *address),
		   void *opaque);

/**
 * enum lend_member_verdict - what the kernel makes of a member when a group is
 * to be used for VFIO
 *
 * Since: 0.1. Source: vfio_dev_viable() of Linux.
 */
enum lend_member_verdict {
	LEND_MEMBER_VFIO = 1,    /* on a VFIO driver */
	LEND_MEMBER_UNBOUND = 2, /* no driver */
	LEND_MEMBER_STUB = 3,    /* a driver that leaves the device alone */
	LEND_MEMBER_BRIDGE = 4,  /* a PCI bridge on its port driver */
	LEND_MEMBER_BLOCKS = 5,  /* a host driver: the group is not usable */
};

/**
 * struct lend_member - a device of an IOMMU group
 * @device:  its name; the directory is iommu_group/devices/NAME of any member
 * @driver:  the driver that has it, "" for none
 * @verdict: what that means for the group
 *
 * Made by the library alone, may grow at its end.
 *
 * Since: 0.1
 */
struct lend_member {
	const char *device;
	const char *driver;
	enum lend_member_verdict verdict;
};

/**
 * lend_group_list() - go through the members of an IOMMU group
 * @ctx:    context
 * @group:  its number, see lend_address_group()
 * @each:   called for each member, sorted by name; what it is given is valid
 *          until it returns; ends the list where it returns anything but 0
 * @opaque: first argument of @each
 *
 * Returns: 0, what @each returned, or -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_group_list(struct lend_ctx *ctx, unsigned int group,
		    int (*each)(void *opaque, const struct lend_member *member),
		    void *opaque);

/**
 * lend_member_verdict_text() - a verdict in words, such as "bridge, ok"
 * @verdict: verdict
 *
 * Returns: a constant string, "unknown" for a number this release does not
 * know.
 *
 * Since: 0.1
 */
const char *lend_member_verdict_text(enum lend_member_verdict verdict);

/**
 * lend_host_give() - let a user open a device's nodes
 * @address: device that a VFIO driver has
 * @uid:     the user, who becomes their owner
 *
 * The node of its group and the device's own, whichever the kernel has. They
 * are made when the device, or the first of its group, is bound, and go with
 * it; udev may change a new node's owner once, so it must have settled.
 *
 * Returns: 0, or
 * -ENODATA, LEND_ERROR_NO_GROUP: it has no group, which is looked for anew;
 * -ENODEV, LEND_ERROR_NO_DEVICE: it is gone;
 * -ENOENT, LEND_ERROR_NO_VFIO: it has no node;
 * -EACCES, LEND_ERROR_PERMISSION: it takes root;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_host_give(const struct lend_address *address, unsigned int uid);

/**
 * lend_host_reset() - reset a device through sysfs
 * @address: device, on any driver or none
 *
 * Takes the first of the methods in its reset_method attribute that works.
 * None of them touches another device. A host driver is told before and after.
 *
 * Returns: 0, or
 * -ENOTSUP, LEND_ERROR_DEVICE: it has no reset of its own;
 * -EACCES, LEND_ERROR_PERMISSION: it takes root;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: Documentation/ABI/testing/sysfs-bus-pci, reset.
 */
int lend_host_reset(const struct lend_address *address);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
