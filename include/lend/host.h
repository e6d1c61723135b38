/* SPDX-License-Identifier: MIT */
/* The devices of this host, the members of IOMMU groups, access to nodes. */
#ifndef LEND_HOST_H
#define LEND_HOST_H

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * lend_host_list() - iterate over the devices on a bus
 * @ctx:    context
 * @bus:    LEND_BUS_PCI, LEND_BUS_PLATFORM or LEND_BUS_MDEV
 * @each:   called for each device, sorted by name; @address is borrowed until
 *          it returns, lend_address_ref() keeps it; a result other than 0 ends
 *          the iteration
 * @opaque: first argument of @each
 *
 * A device that is removed meanwhile is skipped.
 *
 * Returns: 0 after the last device, and if the host does not have the bus; the
 * result of @each that ended the iteration; or
 * -EINVAL, LEND_ERROR_ARGUMENT: devices on @bus cannot be listed;
 * or another -errno, LEND_ERROR_SYSTEM: sysfs could not be read.
 *
 * Since: 0.1
 */
int lend_host_list(struct lend_ctx *ctx, enum lend_bus bus,
		   int (*each)(void *opaque, struct lend_address *address),
		   void *opaque);

/**
 * lend_host_names() - iterate over the names that drivers gave
 * @ctx:    context
 * @each:   called for each network interface, disk, NVMe controller, graphics
 *          or RDMA adapter, and virtio device, with the lend_address_path() of
 *          the device on a PCI, platform or mediated bus that it belongs to,
 *          its kind ("net", "block", "nvme", "drm", "infiniband" or "virtio")
 *          and its name, such as "eth0"; the texts are borrowed until it
 *          returns; a result other than 0 ends the iteration
 * @opaque: first argument of @each
 *
 * The names are those of lend_address_find(), sorted within each kind. Those of
 * partitions and connectors are left out, and so is what no such device is
 * behind, such as a bridge. A disk behind SCSI or an interface behind USB is
 * listed with its controller, for which its name does not stand.
 *
 * Returns: 0 after the last name, and if the host has none; the result of @each
 * that ended the iteration; or
 * another -errno, LEND_ERROR_SYSTEM: sysfs could not be read.
 *
 * Since: 0.1
 */
int lend_host_names(struct lend_ctx *ctx,
		    int (*each)(void *opaque, const char *device,
				const char *kind, const char *name),
		    void *opaque);

/**
 * enum lend_member_verdict - effect of a member on its IOMMU group
 * @LEND_MEMBER_VFIO:    bound to a VFIO driver
 * @LEND_MEMBER_UNBOUND: not bound to any driver
 * @LEND_MEMBER_STUB:    bound to a driver that does not use the device
 * @LEND_MEMBER_BRIDGE:  a PCI bridge, bound to its port driver
 * @LEND_MEMBER_BLOCKS:  bound to another host driver: the kernel refuses VFIO
 *                       the whole group
 *
 * Since: 0.1. Source: vfio_dev_viable() of Linux.
 */
enum lend_member_verdict {
	LEND_MEMBER_VFIO = 1,
	LEND_MEMBER_UNBOUND = 2,
	LEND_MEMBER_STUB = 3,
	LEND_MEMBER_BRIDGE = 4,
	LEND_MEMBER_BLOCKS = 5,
};

/**
 * struct lend_member - a device of an IOMMU group
 * @device:  the device's name; its directory is iommu_group/devices/NAME of any
 *           member
 * @driver:  the driver it is bound to; "" for none
 * @verdict: effect of that on the group
 *
 * Made by the library alone; may grow at its end.
 *
 * Since: 0.1
 */
struct lend_member {
	const char *device;
	const char *driver;
	enum lend_member_verdict verdict;
};

/**
 * lend_group_list() - iterate over the members of an IOMMU group
 * @ctx:    context
 * @group:  number of the group, as from lend_address_group()
 * @each:   called for each member, sorted by name; @member is valid until it
 *          returns; a result other than 0 ends the iteration
 * @opaque: first argument of @each
 *
 * Returns: 0 after the last member; the result of @each that ended the
 * iteration; or
 * -ENOENT, LEND_ERROR_SYSTEM: there is no such group;
 * or another -errno, LEND_ERROR_SYSTEM: sysfs could not be read.
 *
 * Since: 0.1
 */
int lend_group_list(struct lend_ctx *ctx, unsigned int group,
		    int (*each)(void *opaque, const struct lend_member *member),
		    void *opaque);

/**
 * lend_member_verdict_text() - describe a verdict in words
 * @verdict: verdict
 *
 * Returns: a constant string such as "bridge, ok"; "unknown" for a number that
 * this release does not know.
 *
 * Since: 0.1
 */
const char *lend_member_verdict_text(enum lend_member_verdict verdict);

/**
 * lend_host_give() - change the owner of a device's nodes
 * @address: device that is bound to a VFIO driver
 * @uid:     user that becomes their owner
 *
 * Changes the node of the device's IOMMU group and the device's own node,
 * whichever the kernel has made. They exist until the device, or the group's
 * last device, is unbound. udev may change the owner of a new node once: let it
 * settle first (`udevadm settle`).
 *
 * After a failure the owner of the group's node may have changed.
 *
 * Returns: 0, or
 * -ENODATA, LEND_ERROR_NO_GROUP: the device has no IOMMU group, which is looked
 * up anew;
 * -ENODEV, LEND_ERROR_NO_DEVICE: the device does not exist any more;
 * -ENOENT, LEND_ERROR_NO_VFIO: it has no node; bind it first (lend_bind());
 * -EACCES, LEND_ERROR_PERMISSION: it requires root;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_host_give(const struct lend_address *address, unsigned int uid);

/**
 * lend_host_reset() - reset a device through sysfs
 * @address: device, bound to any driver or none
 *
 * The kernel uses the first method in the device's reset_method attribute that
 * works, none of which affects another device. It notifies the host driver
 * before and after. Whether something uses the device is not checked:
 * lend_check_idle() does.
 *
 * Returns: 0, or
 * -ENOTSUP, LEND_ERROR_DEVICE: the device has no reset of its own;
 * -EBUSY, LEND_ERROR_BUSY: a process, which the record names, has a virtual
 * function of the device open, or another device that exists only through its
 * driver;
 * -ETIMEDOUT, LEND_ERROR_BUSY: the kernel has not ended it within 90 seconds;
 * it goes on when the processes that use the device have ended;
 * -EACCES, LEND_ERROR_PERMISSION: it requires root;
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
