/* SPDX-License-Identifier: MIT */
/* Host devices opened through VFIO: their regions, interrupts and reset. */
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

/** The region can be read, written, mapped. Since: 0.1 */
#define LEND_REGION_READ  (1u << 0)
#define LEND_REGION_WRITE (1u << 1)
#define LEND_REGION_MMAP  (1u << 2)

/**
 * struct lend_area - part of a region that can be mapped
 * @offset: bytes from the region's start
 * @size:   bytes
 *
 * Since: 0.1
 */
struct lend_area {
	uint64_t offset;
	uint64_t size;
};

/**
 * struct lend_region - a range of device registers, memory or ports
 * @size:         bytes; 0 where the device does not have the region
 * @flags:        LEND_REGION_*
 * @msix_mappable: the kernel lets the MSI-X table be mapped with the rest
 * @area_count:   entries of @areas; 0 where nothing can be mapped
 * @areas:        what can be mapped, sorted by offset, apart, within @size;
 *                each starts at a page, and ends at one or with the region.
 *                The pages with the MSI-X table, which is the kernel's, are
 *                left out whatever @msix_mappable says
 *
 * Where the kernel's list of areas makes no sense, none is kept, and a warning
 * is logged.
 *
 * Made by the library alone, may grow at its end.
 *
 * Since: 0.1
 */
struct lend_region {
	uint64_t size;
	uint32_t flags;
	bool msix_mappable;
	unsigned int area_count;
	const struct lend_area *areas;
};

/** Interrupts can be signalled by eventfd, masked, mask themselves when they
 * fire; their number is fixed while they are on. Since: 0.1 */
#define LEND_IRQ_EVENTFD    (1u << 0)
#define LEND_IRQ_MASKABLE   (1u << 1)
#define LEND_IRQ_AUTOMASKED (1u << 2)
#define LEND_IRQ_NORESIZE   (1u << 3)

/**
 * struct lend_irq - an interrupt index of a device
 * @count: interrupts it has; 0 where the device does not have the index
 * @flags: LEND_IRQ_*
 *
 * Made by the library alone, may grow at its end.
 *
 * Since: 0.1
 */
struct lend_irq {
	unsigned int count;
	uint32_t flags;
};

/** Region indices of PCI devices. Since: 0.1. Source: linux/vfio.h. */
#define LEND_PCI_REGION_BAR(n) (n)
#define LEND_PCI_REGION_ROM    6
#define LEND_PCI_REGION_CONFIG 7
#define LEND_PCI_REGION_VGA    8

/** Interrupt indices of PCI devices. Since: 0.1. Source: linux/vfio.h. */
#define LEND_PCI_IRQ_INTX 0
#define LEND_PCI_IRQ_MSI  1
#define LEND_PCI_IRQ_MSIX 2
#define LEND_PCI_IRQ_ERR  3
#define LEND_PCI_IRQ_REQ  4

/**
 * struct lend_device_options - how a device is opened
 * @size:     sizeof(struct lend_device_options), so that it can grow
 * @vf_token: 16 bytes of a UUID, in the order of its text, or NULL; for a
 *            virtual function whose physical function is on vfio-pci, and for
 *            that one
 *
 * Since: 0.1. Source: VFIO_GROUP_GET_DEVICE_FD and VFIO_DEVICE_BIND_IOMMUFD in
 * linux/vfio.h.
 */
struct lend_device_options {
	size_t size;
	const uint8_t *vf_token;
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
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is smaller than the first
 * release's, or the device takes no VF token, at least not from this back end;
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

/**
 * lend_device_can_reset() - whether the device has a reset of its own
 * @device: device
 *
 * Returns: whether lend_device_reset() has something to do. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_FLAGS_RESET in linux/vfio.h.
 */
bool lend_device_can_reset(const struct lend_device *device);

/**
 * lend_device_reset() - reset the device's function
 * @device: device
 *
 * Waits up to 200 milliseconds for whoever else holds the device.
 *
 * Returns: 0, or
 * -ENOTSUP, LEND_ERROR_DEVICE: it has none;
 * -EAGAIN, LEND_ERROR_DEVICE: somebody held it all the time; try again;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE.
 *
 * Since: 0.1. Source: VFIO_DEVICE_RESET in linux/vfio.h.
 */
int lend_device_reset(struct lend_device *device);

/**
 * struct lend_reset_target - a PCI function that a hot reset reaches
 * @domain:   PCI domain
 * @bus:      bus
 * @slot:     slot, 0 to 31
 * @function: function, 0 to 7
 * @group:    IOMMU group, or -1 where the device was opened by its own node,
 *            of which the kernel does not tell it
 * @is_ours:  it, or its group, is open in this context (or bound to the same
 *            iommufd), so that nobody else is disturbed
 *
 * Since: 0.1
 */
struct lend_reset_target {
	uint32_t domain;
	uint8_t bus;
	uint8_t slot;
	uint8_t function;
	int group;
	bool is_ours;
};

/**
 * lend_device_hot_reset_info() - what a reset of the device's slot or bus
 *                                reaches
 * @device:  PCI device
 * @targets: receives as many as @room holds, the device itself among them
 * @room:    entries of @targets; 0 to ask how many there are
 *
 * Returns: how many there are, which may be more than @room, or
 * -ENOTSUP, LEND_ERROR_DEVICE: neither slot nor bus can be reset by itself, or
 * the driver knows no such thing;
 * -EBADMSG, LEND_ERROR_DEVICE: what the kernel says makes no sense;
 * or another -errno of the ioctl, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_PCI_HOT_RESET_INFO in linux/vfio.h.
 */
int lend_device_hot_reset_info(struct lend_device *device,
			       struct lend_reset_target *targets,
			       unsigned int room);

/**
 * lend_device_hot_reset() - reset all functions of the device's slot or bus
 * @device: PCI device
 *
 * All that is reached must be ours; it is for the caller to stop what goes on
 * there before, and to set those devices up again.
 *
 * Returns: 0, or
 * -EBUSY, LEND_ERROR_BUSY: it would reach devices that are not ours; the
 * record names each;
 * an -errno of the reset, LEND_ERROR_DEVICE;
 * or as lend_device_hot_reset_info().
 *
 * Since: 0.1. Source: VFIO_DEVICE_PCI_HOT_RESET in linux/vfio.h.
 */
int lend_device_hot_reset(struct lend_device *device);

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
 * must know the virtual machine when the device is bound (some mediated ones)
 * does not learn of it with iommufd.
 *
 * Returns: a descriptor for KVM_DEV_VFIO_FILE_ADD, borrowed; several devices
 * may share one.
 *
 * Since: 0.1. Source: Documentation/virt/kvm/devices/vfio.rst.
 */
int lend_device_kvm_fd(const struct lend_device *device);

/**
 * lend_device_region() - a region
 * @device: device
 * @index:  region index
 *
 * Returns: the region, borrowed; of size 0 where there is none of that index.
 * Never NULL.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_REGION_INFO in linux/vfio.h.
 */
const struct lend_region *lend_device_region(const struct lend_device *device,
					     unsigned int index);

/**
 * lend_device_region_count() - number of region indices
 * @device: device
 *
 * Returns: one more than the highest index that may have a region. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_INFO in linux/vfio.h.
 */
unsigned int lend_device_region_count(const struct lend_device *device);

/**
 * lend_region_read() - read from a region
 * @device: device
 * @index:  region index
 * @offset: bytes from the region's start
 * @data:   receives the bytes, in the device's order
 * @size:   bytes
 *
 * One system call; the kernel splits it into accesses the device takes.
 *
 * Returns: 0, or -EINVAL where the range is not within the region, -EIO where
 * the kernel gave fewer bytes, or another -errno of pread(). Leaves the record
 * of the last failure alone, since a guest can provoke it.
 *
 * Since: 0.1
 */
int lend_region_read(struct lend_device *device, unsigned int index,
		     uint64_t offset, void *data, size_t size);

/**
 * lend_region_write() - write to a region
 * @device: device
 * @index:  region index
 * @offset: bytes from the region's start
 * @data:   the bytes, in the device's order
 * @size:   bytes
 *
 * Returns: 0, or -errno as lend_region_read(), of pwrite().
 *
 * Since: 0.1
 */
int lend_region_write(struct lend_device *device, unsigned int index,
		      uint64_t offset, const void *data, size_t size);

/**
 * lend_region_map() - map part of a region into this process
 * @device: device
 * @index:  region index
 * @offset: bytes from the region's start, a multiple of the page size
 * @size:   bytes, within one of the region's areas
 * @vaddr:  receives where it is; it is no child process's
 *
 * The address is aligned as @offset is, up to 1 GiB, so that the kernel can
 * use large pages for it. lend_region_unmap() takes it back; what is mapped
 * when the device is closed is taken back then.
 *
 * Returns: 0, or -EINVAL, LEND_ERROR_ARGUMENT: not within an area; or another
 * -errno of mmap(), LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_region_map(struct lend_device *device, unsigned int index,
		    uint64_t offset, uint64_t size, void **vaddr);

/**
 * lend_region_unmap() - take back lend_region_map()
 * @device: device
 * @vaddr:  as it was received
 * @size:   as it was mapped; anything else is left alone
 *
 * Since: 0.1
 */
void lend_region_unmap(struct lend_device *device, void *vaddr, uint64_t size);

/**
 * lend_device_irq() - an interrupt index
 * @device: device
 * @index:  interrupt index
 *
 * Returns: the index's properties, borrowed; of count 0 where there is none.
 * Never NULL.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_IRQ_INFO in linux/vfio.h.
 */
const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index);

/**
 * lend_device_irq_count() - number of interrupt indices
 * @device: device
 *
 * Returns: one more than the highest index that may have interrupts. Cannot
 * fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_INFO in linux/vfio.h.
 */
unsigned int lend_device_irq_count(const struct lend_device *device);

/**
 * lend_irq_trigger() - let interrupts signal event descriptors
 * @device: device
 * @index:  interrupt index
 * @start:  first interrupt
 * @count:  how many
 * @fds:    an eventfd for each, or -1 for an interrupt that signals none
 *
 * Switches the index on where it was off. One ioctl. The caller keeps the
 * descriptors; the kernel holds references of its own to them.
 *
 * Returns: 0, or
 * a number above 0: the host has but so many interrupts to give, and the index
 * is off as before; ask for no more than that;
 * -EINVAL, LEND_ERROR_ARGUMENT: the index lacks those interrupts;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE, such as -EINVAL for an
 * index with LEND_IRQ_NORESIZE that is on with fewer.
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_trigger(struct lend_device *device, unsigned int index,
		     unsigned int start, unsigned int count, const int *fds);

/**
 * lend_irq_unmask_fd() - let an event descriptor unmask an interrupt
 * @device: device
 * @index:  interrupt index that is automasked
 * @start:  interrupt
 * @fd:     eventfd, such as KVM's resample descriptor; -1 takes it back
 *
 * Returns: 0, or -errno as lend_irq_trigger().
 *
 * Since: 0.1
 */
int lend_irq_unmask_fd(struct lend_device *device, unsigned int index,
		       unsigned int start, int fd);

/**
 * lend_irq_mask() - mask an interrupt
 * @device: device
 * @index:  interrupt index, one with LEND_IRQ_MASKABLE
 * @start:  interrupt, from 0
 *
 * What the device still asserts when it is unmasked is signalled then.
 *
 * Returns: 0, or -errno as lend_irq_trigger().
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_mask(struct lend_device *device, unsigned int index,
		  unsigned int start);

/**
 * lend_irq_unmask() - unmask an interrupt
 * @device: device
 * @index:  interrupt index, one with LEND_IRQ_MASKABLE
 * @start:  interrupt, from 0
 *
 * One with LEND_IRQ_AUTOMASKED masks itself each time it fires, and is silent
 * until this is called.
 *
 * Returns: 0, or -errno as lend_irq_trigger().
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_unmask(struct lend_device *device, unsigned int index,
		    unsigned int start);

/**
 * lend_irq_disable() - switch an interrupt index off
 * @device: device
 * @index:  interrupt index
 *
 * The device then has no interrupt of that kind until lend_irq_trigger(). What
 * is on when the device is closed is switched off then.
 *
 * Returns: 0, or -errno as lend_irq_trigger().
 *
 * Since: 0.1
 */
int lend_irq_disable(struct lend_device *device, unsigned int index);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
