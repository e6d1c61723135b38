/* SPDX-License-Identifier: MIT */
/* Host devices opened through VFIO. */
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
 * struct lend_device - an open device
 *
 * Opaque and reference-counted. The last reference disables its interrupts,
 * unmaps its regions and closes the device, its group and, with the last
 * device, the I/O address space, in that order.
 *
 * The kernel has reset a device that was just opened, if it can be reset
 * (lend_device_can_reset()); one that cannot be is as its host driver left it.
 * A PCI device is in power state D0, decodes its BARs at the host's addresses,
 * has no interrupt enabled and, as its bus mastering is off, does no DMA and
 * raises no MSI: a driver that waits for either without
 * lend_device_bus_master() waits for ever, and nothing reports that. Nothing is
 * mapped into its address space. When the device is closed, bus mastering is
 * disabled and the device is reset again.
 *
 * A device stays in the address space it was opened in. To move it, drop its
 * last reference and open it in the other one: a group can leave its container
 * only while none of its devices is open. It is the same with iommufd: closing
 * the device ends the DMA that was set up for the old addresses.
 *
 * Since: 0.1
 */
struct lend_device;

/**
 * enum lend_device_type - type of a device, by the kernel's flags
 * @LEND_DEVICE_PCI:      PCI device
 * @LEND_DEVICE_PLATFORM: platform device
 * @LEND_DEVICE_OTHER:    any other
 *
 * Since: 0.1
 */
enum lend_device_type {
	LEND_DEVICE_PCI = 1,
	LEND_DEVICE_PLATFORM = 2,
	LEND_DEVICE_OTHER = 3,
};

/**
 * struct lend_device_options - options of an open device
 * @size:     sizeof(struct lend_device_options)
 * @vf_token: VF token, the 16 bytes of a UUID in the order of its text, for a
 *            virtual function whose physical function is bound to vfio-pci, or
 *            for that physical function; or NULL. Copied
 * @kvm_file: called with the descriptor that identifies the device to KVM
 *            (lend_device_kvm_fd()) and @add true, before the kernel is asked
 *            for the device; and with @add false before that descriptor is
 *            closed, also after a failure; or NULL
 * @opaque:   first argument of @kvm_file; must be valid until the device, and
 *            all that share its descriptor, are closed
 *
 * Some drivers, of mediated devices above all, must know the virtual machine
 * when the device is opened. @kvm_file is the place to pass the descriptor to
 * KVM_DEV_VFIO_FILE_ADD.
 *
 * With the container, the devices of a group share a descriptor: @kvm_file of
 * the first of them is called, once. It is called with a lock held, and must
 * not open or close a device or create an address space.
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
 * @options: options, or NULL for the defaults
 * @device:  receives the device, with one reference; lend_device_unref() drops
 *           it
 *
 * Opens the device's group, once for all its devices, or the device's own node,
 * depending on the back end; attaches it to the address space; and reads its
 * regions and interrupts. After a failure nothing is open or attached that was
 * not before.
 *
 * The kernel resets the device when it is opened, if it can, which takes a
 * tenth of a second and more. Several threads may open devices at once; they
 * wait for the first device of an address space, not for each other's resets
 * after that. struct lend_device describes what an open device is like. Its bus
 * mastering is off: a user-space driver calls lend_device_bus_master();
 * lend_pci_new() leaves that to the guest.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not the structure's size, or
 * the device, or the back end, takes no VF token;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENODATA, LEND_ERROR_NO_GROUP: the device has no IOMMU group, see
 * lend_address_group();
 * -EBADMSG, LEND_ERROR_DEVICE: the device's group link, or the kernel's
 * description of the device or of the IOMMU, is invalid;
 * -ENOENT, LEND_ERROR_HOST_DRIVER: not bound to a VFIO driver; use lend_bind();
 * -ENOENT, LEND_ERROR_NO_VFIO: bound to one, but its node does not exist, as in
 * a container, or the kernel makes no node of its own for the device; the
 * record says which;
 * -ENODEV, LEND_ERROR_NO_VFIO: the node is a stale one of another device;
 * -EPERM, LEND_ERROR_NOT_VIABLE: a host driver is bound to another device of
 * the group; the record lists the members, bind those too;
 * -EBUSY, LEND_ERROR_BUSY: in use by another process, or another device of its
 * group is; the record names the process if procfs shows it;
 * -EBUSY, LEND_ERROR_ATTACHED: the device is open in this context already, or
 * its group is in another address space;
 * -EACCES, LEND_ERROR_PERMISSION: the node is not accessible, CAP_SYS_RAWIO is
 * missing for LEND_BACKEND_NOIOMMU, or the VF token is missing or wrong; the
 * record says which;
 * -ENOTSUP, LEND_ERROR_NO_IOMMU: the kernel has no type1 IOMMU for the group;
 * the group is in no-IOMMU mode and the back end is not LEND_BACKEND_NOIOMMU,
 * or the reverse; the IOMMU does not remap interrupts; or firmware requires a
 * 1:1 mapping for the group; the record says which;
 * -EINVAL or -EADDRINUSE, LEND_ERROR_DMA: a mapping of the address space is in
 * a range that the device's IOMMU reserves;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_SYSTEM; and for the first device of a
 * LEND_BACKEND_AUTO address space, as lend_iommu_new().
 *
 * Since: 0.1. Source: Documentation/driver-api/vfio.rst.
 */
int lend_device_open(struct lend_iommu *iommu, struct lend_address *address,
		     const struct lend_device_options *options,
		     struct lend_device **device);

/**
 * lend_device_open_node() - open a device's node for another process
 * @address: device, bound to a VFIO driver
 *
 * The descriptor is passed to a process that opens the device with
 * lend_device_open_fd(), and may open no path itself. Until then the device is
 * not used: it is not reset, and belongs to no address space. The caller owns
 * the descriptor, and closes it once it was passed on, since the device stays
 * in use while any copy is open.
 *
 * Returns: the descriptor, or
 * -EBUSY, LEND_ERROR_BUSY: a process that can be seen has the node open; the
 * record names it;
 * -ENOENT, LEND_ERROR_NO_VFIO: the kernel provides no device nodes, or the
 * device is not bound; the record has the remedy;
 * -ENODEV, LEND_ERROR_NO_VFIO: the node is a stale one of another device;
 * -EACCES, LEND_ERROR_PERMISSION: this user may not open the node;
 * -EPERM, LEND_ERROR_NOT_VIABLE: a host driver uses another device of the
 * group, so that the kernel would refuse this one; the record lists the
 * members, bind those too; or another -errno, LEND_ERROR_SYSTEM: opening failed
 * otherwise.
 *
 * Since: 0.1
 */
int lend_device_open_node(struct lend_address *address);

/**
 * lend_device_open_fd() - open a device whose node another process has opened
 * @iommu:   address space whose back end is LEND_BACKEND_IOMMUFD, or not
 *           decided yet
 * @fd:      open descriptor of /dev/vfio/devices/vfioN that is not bound to an
 *           iommufd. After success the library owns and closes it; after a
 *           failure the caller does, and should, as it may be bound
 * @name:    name of the device for messages and lend_device_name(), copied;
 *           NULL for "fd N"
 * @options: options, or NULL for the defaults
 * @device:  receives the device, with one reference; lend_device_unref() drops
 *           it
 *
 * As lend_device_open(). If an iommufd was passed in as well (struct
 * lend_iommu_options), no file is opened and sysfs is not read. That the device
 * is open in this context already is only found by the kernel.
 *
 * Returns: 0, or as lend_device_open(), or
 * -EINVAL, LEND_ERROR_ARGUMENT: @fd is not such a descriptor, or the back end
 * is another;
 * -EINVAL, LEND_ERROR_SYSTEM: @fd is bound already, or the device's DMA is not
 * coherent.
 *
 * Since: 0.1. Source: VFIO_DEVICE_BIND_IOMMUFD in linux/vfio.h.
 */
int lend_device_open_fd(struct lend_iommu *iommu, int fd, const char *name,
			const struct lend_device_options *options,
			struct lend_device **device);

/**
 * lend_device_ref() - take a reference to an open device
 * @device: device
 *
 * Returns: @device; lend_device_unref() drops the reference. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_device *lend_device_ref(struct lend_device *device);

/**
 * lend_device_unref() - drop a reference to an open device
 * @device: device, or NULL
 *
 * The last reference closes it, as struct lend_device describes. The kernel
 * resets the device then, if it can.
 *
 * Returns: NULL, for `device = lend_device_unref(device)`. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_device *lend_device_unref(struct lend_device *device);

/**
 * lend_device_name() - get the name of an open device
 * @device: device
 *
 * Returns: lend_address_name() of the device that was opened, or the name given
 * to lend_device_open_fd(); borrowed. Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_device_name(const struct lend_device *device);

/**
 * lend_device_ctx() - get the context of an open device
 * @device: device
 *
 * Returns: the context, borrowed; lend_ctx_ref() keeps it. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_ctx *lend_device_ctx(const struct lend_device *device);

/**
 * lend_device_iommu() - get the address space that an open device is in
 * @device: device
 *
 * Returns: the address space, borrowed; lend_iommu_ref() keeps it. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_iommu *lend_device_iommu(const struct lend_device *device);

/**
 * lend_device_type() - get the type of an open device
 * @device: device
 *
 * Returns: the type. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_INFO in linux/vfio.h.
 */
enum lend_device_type lend_device_type(const struct lend_device *device);

/**
 * lend_device_require() - check that an open device is of a type
 * @device: device
 * @type:   type that the caller can present
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_WRONG_TYPE: the device is of another type, or lacks
 * regions or interrupt indices that the type must have; the record names the
 * front end to use instead;
 * -EINVAL, LEND_ERROR_ARGUMENT: unknown @type.
 *
 * Since: 0.1
 */
int lend_device_require(const struct lend_device *device,
			enum lend_device_type type);

/**
 * lend_device_bus_master() - let a PCI device do DMA and raise MSI, or not
 * @device: PCI device, which is not presented to a guest by lend_pci_new()
 * @on:     whether it may
 *
 * Sets or clears the Bus Master Enable bit of the command register. It is clear
 * in an open device. Map the device's memory and set up its interrupts before
 * it is set; after it is cleared, the device starts no further access to
 * memory. INTx does not depend on it.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_WRONG_TYPE: not a PCI device;
 * or another -errno, LEND_ERROR_SYSTEM: configuration space cannot be accessed.
 *
 * Since: 0.1. Source: PCI Local Bus 3.0, section 6.2.2.
 */
int lend_device_bus_master(struct lend_device *device, bool on);

/** The state of a feature can be read. Since: 0.1 */
#define LEND_FEATURE_GET (1u << 0)

/** The state of a feature can be set. Since: 0.1 */
#define LEND_FEATURE_SET (1u << 1)

/**
 * lend_device_has_feature() - check whether a device's driver has a feature
 * @device:  device
 * @feature: number of a VFIO_DEVICE_FEATURE_* in linux/vfio.h, 0 to 0xffff
 * @how:     LEND_FEATURE_* that must be possible; 0 for any
 *
 * One ioctl, which changes nothing. Makes no record of a failure.
 *
 * Returns: true if the driver has it; false also if the kernel knows no
 * features, or if an argument is out of range.
 *
 * Since: 0.1. Source: VFIO_DEVICE_FEATURE in linux/vfio.h.
 */
bool lend_device_has_feature(const struct lend_device *device,
			     unsigned int feature, unsigned int how);

/**
 * lend_device_kvm_fd() - get the descriptor that identifies a device to KVM
 * @device: device
 *
 * With iommufd it is the device's own descriptor, otherwise its group's, which
 * several devices share. A driver that must know the virtual machine when the
 * device is opened is not served by this any more: see @kvm_file of struct
 * lend_device_options.
 *
 * Returns: a descriptor for KVM_DEV_VFIO_FILE_ADD; borrowed. -1 if the device
 * is behind a socket. Cannot fail.
 *
 * Since: 0.1. Source: Documentation/virt/kvm/devices/vfio.rst.
 */
int lend_device_kvm_fd(const struct lend_device *device);

/**
 * lend_device_fd() - get the descriptor of an open device
 * @device: device
 *
 * For what this library does not do, such as VFIO_DEVICE_FEATURE_MIGRATION or
 * VFIO_DEVICE_IOEVENTFD. Do not close it. The library does not know of changes
 * that a program makes with it: interrupts that were enabled with it must be
 * disabled, and memory that was mapped with it must be unmapped, before the
 * device is closed. lend_region_offset() is where a region begins in it.
 *
 * Returns: the descriptor that VFIO_GROUP_GET_DEVICE_FD returned, of the
 * device's own node, or of the socket of its server, by lend_iommu_backend();
 * borrowed. Cannot fail.
 *
 * Since: 0.1. Source: linux/vfio.h.
 */
int lend_device_fd(const struct lend_device *device);

/**
 * lend_device_iommufd_id() - get the number of a device in its iommufd
 * @device: device
 *
 * For lend_iommu_fd(), as for IOMMU_GET_HW_INFO and IOMMU_HWPT_ALLOC.
 *
 * Returns: the ID of the device, which is not 0; 0 if the back end is not
 * iommufd. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_BIND_IOMMUFD in linux/vfio.h.
 */
uint32_t lend_device_iommufd_id(const struct lend_device *device);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
