/* SPDX-License-Identifier: MIT */
/* Host devices opened through VFIO, and closed. */
#ifndef LEND_DEVICE_H
#define LEND_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/address.h>
#include <lend/iommu.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_device - a host device that is ours until it is closed
 *
 * Opaque, reference-counted. The last reference switches interrupts off,
 * unmaps regions and closes the device, its group and, with its last device,
 * the I/O address space, in that order.
 *
 * Since: 0.1
 */
struct lend_device;

/**
 * enum lend_device_type - what the kernel's flags say the device is
 *
 * Since: 0.1
 */
enum lend_device_type {
	LEND_DEVICE_PCI = 1,
	LEND_DEVICE_PLATFORM = 2,
	LEND_DEVICE_OTHER = 3,
};

/**
 * struct lend_device_options - how a device is opened
 * @size:     sizeof(struct lend_device_options), so that it can grow
 * @vf_token: 16 bytes of a UUID, in the order of its text, or NULL; for a
 *            virtual function whose physical function is on vfio-pci, and for
 *            that one
 * @kvm_file: called with the descriptor that names the device to KVM
 *            (lend_device_kvm_fd()), and @add, before the kernel is asked for
 *            the device: a driver that has to know the virtual machine, as
 *            some mediated ones have, finds it then alone. Called again without
 *            @add before the descriptor is closed, after a failure too. Once
 *            for devices that share the descriptor, by the options of the
 *            first; with a lock held, so that it must open and close no device.
 *            Or NULL
 * @opaque:   for @kvm_file; alive as long as the device, and as those that
 *            share its descriptor
 *
 * Since: 0.1. Source: VFIO_GROUP_GET_DEVICE_FD and VFIO_DEVICE_BIND_IOMMUFD in
 * linux/vfio.h; Documentation/virt/kvm/devices/vfio.rst.
 */
struct lend_device_options {
	size_t size;
	const uint8_t *vf_token;
	void (*kvm_file)(void *opaque, int fd, bool add);
	void *opaque;
};

/**
 * lend_device_open() - open a device in an I/O address space
 * @iommu:   address space; devices of one group must share it
 * @address: device
 * @options: how, or NULL
 * @device:  receives it, with one reference
 *
 * Opens the device's group (once for all its devices) or its own node, as the
 * address space's back end needs, puts it into the address space, and asks the
 * kernel for the device and what it has. All or nothing: after a failure
 * nothing is open or attached that was not before.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not set, or the device takes
 * no VF token, at least not from this back end;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENODATA, LEND_ERROR_NO_GROUP: no IOMMU group (lend_address_group());
 * -EBADMSG, LEND_ERROR_DEVICE: its group link, or what the kernel says of it
 * or of the IOMMU, makes no sense;
 * -ENOENT, LEND_ERROR_HOST_DRIVER: not bound to a VFIO driver; `lend bind`;
 * -ENOENT, LEND_ERROR_NO_VFIO: bound to one, but its node is not there, as in a
 * container, or the kernel makes none of its own for it; the record says which;
 * -ENODEV, LEND_ERROR_NO_VFIO: its node is what is left of another device's;
 * -EPERM, LEND_ERROR_NOT_VIABLE: another device of the group has a host
 * driver; the record names each member;
 * -EBUSY, LEND_ERROR_BUSY: another process has the device, its group or one of
 * it; the record names it where procfs shows it;
 * -EBUSY, LEND_ERROR_ATTACHED: the device is open in this context already, or
 * its group is in another address space of it;
 * -EACCES, LEND_ERROR_PERMISSION: no access to the node, no CAP_SYS_RAWIO for
 * LEND_BACKEND_NOIOMMU, no VF token or not the right one; the record says
 * which, and who may;
 * -ENOTSUP, LEND_ERROR_NO_IOMMU: the group takes no type1 IOMMU, is in no-IOMMU
 * mode and that was not asked for, or the other way round, or the IOMMU does
 * not remap interrupts; the record says which;
 * -EINVAL or -EADDRINUSE, LEND_ERROR_DMA: the device's IOMMU reserves what is
 * mapped in the address space;
 * or another -errno, LEND_ERROR_SYSTEM; and where the device decides the back
 * end, as lend_iommu_new().
 *
 * Since: 0.1. Source: Documentation/driver-api/vfio.rst.
 */
int lend_device_open(struct lend_iommu *iommu, struct lend_address *address,
		     const struct lend_device_options *options,
		     struct lend_device **device);

/**
 * lend_device_open_fd() - open a device whose node another process has opened
 * @iommu:   address space of LEND_BACKEND_IOMMUFD, or one whose back end is not
 *           decided yet
 * @fd:      descriptor of /dev/vfio/devices/vfioN, not bound to an iommufd; is
 *           the library's after a success, which closes it; after a failure it
 *           is still the caller's, who should close it, since it may be bound
 * @name:    what to call the device, or NULL for "fd N"
 * @options: how, or NULL
 * @device:  receives it, with one reference
 *
 * With an iommufd passed in too (struct lend_iommu_options), nothing is opened
 * and nothing is looked up in sysfs. That the device is open in this context
 * already shows only in the kernel's refusal.
 *
 * Returns: as lend_device_open(); and
 * -EINVAL, LEND_ERROR_ARGUMENT: @fd is no such descriptor, or the back end is
 * another;
 * -EINVAL, LEND_ERROR_SYSTEM: it is bound already, as the record says.
 *
 * Since: 0.1. Source: VFIO_DEVICE_BIND_IOMMUFD in linux/vfio.h.
 */
int lend_device_open_fd(struct lend_iommu *iommu, int fd, const char *name,
			const struct lend_device_options *options,
			struct lend_device **device);

/**
 * lend_device_ref() - take a reference
 * @device: device
 *
 * Returns: @device; lend_device_unref() drops the reference. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_device *lend_device_ref(struct lend_device *device);

/**
 * lend_device_unref() - drop a reference
 * @device: device, or NULL
 *
 * The last one closes it, as struct lend_device tells.
 *
 * Returns: NULL, for `device = lend_device_unref(device)`. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_device *lend_device_unref(struct lend_device *device);

/**
 * lend_device_name() - the kernel's name of the device
 * @device: device
 *
 * Returns: lend_address_name() of what was opened, or the name that
 * lend_device_open_fd() was given; borrowed. Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_device_name(const struct lend_device *device);

/**
 * lend_device_ctx() - the context that the device belongs to
 * @device: device
 *
 * Returns: the context, borrowed: lend_ctx_ref() keeps it. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_ctx *lend_device_ctx(const struct lend_device *device);

/**
 * lend_device_type() - PCI, platform or other
 * @device: device
 *
 * Returns: the type, by the kernel's flags. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_INFO in linux/vfio.h.
 */
enum lend_device_type lend_device_type(const struct lend_device *device);

/**
 * lend_device_require() - insist on a type
 * @device: device
 * @type:   type that a front end presents
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_WRONG_TYPE: it is of another type, or has fewer regions
 * or interrupt indices than the type must have; the record names the front end
 * that fits;
 * -EINVAL, LEND_ERROR_ARGUMENT: @type is none.
 *
 * Since: 0.1
 */
int lend_device_require(const struct lend_device *device,
			enum lend_device_type type);

/** A feature's state can be asked for, can be set. Since: 0.1 */
#define LEND_FEATURE_GET (1u << 0)
#define LEND_FEATURE_SET (1u << 1)

/**
 * lend_device_has_feature() - whether the device's driver has a feature
 * @device:  device
 * @feature: number of a VFIO_DEVICE_FEATURE_* in linux/vfio.h, 0 to 0xffff
 * @how:     LEND_FEATURE_*: what must be possible; 0 for either
 *
 * One ioctl, which changes nothing.
 *
 * Returns: whether it has; false also where the kernel knows no features.
 *
 * Since: 0.1. Source: VFIO_DEVICE_FEATURE in linux/vfio.h.
 */
bool lend_device_has_feature(const struct lend_device *device,
			     unsigned int feature, unsigned int how);

/**
 * lend_device_kvm_fd() - descriptor to name the device to KVM by
 * @device: device
 *
 * The device's own descriptor with iommufd, else its group's. A driver that
 * must know the virtual machine when the device is opened, as some mediated
 * ones must, does not learn of it by now: struct lend_device_options has the
 * call for those.
 *
 * Returns: a descriptor for KVM_DEV_VFIO_FILE_ADD, borrowed; several devices
 * may share one.
 *
 * Since: 0.1. Source: Documentation/virt/kvm/devices/vfio.rst.
 */
int lend_device_kvm_fd(const struct lend_device *device);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
