/* SPDX-License-Identifier: MIT */
/* Regions of a device: registers, memory, ports, configuration space. */
#ifndef LEND_REGION_H
#define LEND_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/device.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** The region can be read. Since: 0.1 */
#define LEND_REGION_READ (1u << 0)

/** The region can be written. Since: 0.1 */
#define LEND_REGION_WRITE (1u << 1)

/** The region, or part of it, can be mapped. Since: 0.1 */
#define LEND_REGION_MMAP (1u << 2)

/**
 * struct lend_area - part of a region that can be mapped
 * @offset: bytes from the start of the region
 * @size:   bytes
 *
 * Never grows: struct lend_region has an array of it.
 *
 * Since: 0.1
 */
struct lend_area {
	uint64_t offset;
	uint64_t size;
};

/**
 * struct lend_region - a region of a device
 * @size:          bytes; 0 if the device does not have the region
 * @flags:         LEND_REGION_*; later releases may add bits
 * @msix_mappable: the kernel lets the MSI-X table be mapped with the rest
 * @area_count:    entries of @areas; 0 if nothing can be mapped
 * @areas:         parts that can be mapped, sorted, disjoint and within @size;
 *                 each starts at a page, and ends at a page or at the end of
 *                 the region. The pages of the MSI-X table, which the kernel
 *                 owns, are left out even if @msix_mappable is set
 * @type:          VFIO region type of a device-specific region; 0 for the
 *                 regions of fixed indices
 * @subtype:       subtype of @type
 *
 * If the kernel's list of areas is invalid, @areas is empty, and a warning was
 * logged when the device was opened.
 *
 * Made by the library alone; may grow at its end.
 *
 * Since: 0.1
 */
struct lend_region {
	uint64_t size;
	uint32_t flags;
	bool msix_mappable;
	unsigned int area_count;
	const struct lend_area *areas;
	uint32_t type;
	uint32_t subtype;
};

/** Region indices of PCI devices; BARs are numbered from 0 to 5. Since: 0.1.
 * Source: linux/vfio.h. */
#define LEND_PCI_REGION_BAR(n) (n)
#define LEND_PCI_REGION_ROM    6
#define LEND_PCI_REGION_CONFIG 7
#define LEND_PCI_REGION_VGA    8

/**
 * lend_device_region() - get a region of a device
 * @device: device
 * @index:  region index
 *
 * Returns: the region, borrowed, never NULL; its size is 0 if the device does
 * not have it. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_REGION_INFO in linux/vfio.h.
 */
const struct lend_region *lend_device_region(const struct lend_device *device,
					     unsigned int index);

/**
 * lend_device_region_count() - get the number of region indices of a device
 * @device: device
 *
 * Returns: one more than the highest index that may have a region. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_INFO in linux/vfio.h.
 */
unsigned int lend_device_region_count(const struct lend_device *device);

/**
 * lend_region_offset() - get where a region begins in a device's descriptor
 * @device: device
 * @index:  region index
 *
 * For lend_device_fd(): the offset that pread(), pwrite(), mmap() and
 * VFIO_DEVICE_IOEVENTFD take for the first byte of the region.
 *
 * Returns: bytes; 0 also if the device does not have the region, whose size is
 * 0 then. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_REGION_INFO in linux/vfio.h.
 */
uint64_t lend_region_offset(const struct lend_device *device,
			    unsigned int index);

/**
 * lend_region_read() - read from a region
 * @device: device
 * @index:  region index
 * @offset: bytes from the start of the region
 * @data:   receives the bytes, in the device's byte order; undefined after a
 *          failure
 * @size:   bytes; the range must be within the region
 *
 * One system call. The kernel splits it into naturally aligned accesses of 1,
 * 2, 4 or, on some devices, 8 bytes.
 *
 * Makes no record of a failure, as a guest can cause it.
 *
 * Returns: 0, or
 * -EINVAL: the range is not within the region;
 * -EIO: the kernel transferred fewer bytes;
 * or another -errno of pread().
 *
 * Since: 0.1
 */
int lend_region_read(struct lend_device *device, unsigned int index,
		     uint64_t offset, void *data, size_t size);

/**
 * lend_region_write() - write to a region
 * @device: device
 * @index:  region index
 * @offset: bytes from the start of the region
 * @data:   bytes to write, in the device's byte order
 * @size:   bytes; the range must be within the region
 *
 * One system call, split as that of lend_region_read(). After a failure part of
 * the bytes may have been written.
 *
 * Makes no record of a failure, as a guest can cause it.
 *
 * Returns: 0, or
 * -EINVAL: the range is not within the region;
 * -EIO: the kernel transferred fewer bytes;
 * or another -errno of pwrite().
 *
 * Since: 0.1
 */
int lend_region_write(struct lend_device *device, unsigned int index,
		      uint64_t offset, const void *data, size_t size);

/**
 * lend_region_map() - map part of a region into this process
 * @device: device
 * @index:  region index
 * @offset: bytes from the start of the region, a multiple of the page size
 * @size:   bytes, more than 0; the part must be within one of the region's
 *          areas
 * @vaddr:  receives the address of the mapping
 *
 * The mapping allows the accesses of the region's flags, and is not inherited
 * by a child process. Its address is aligned as @offset is, for a @size of 2
 * MiB or more, so that the kernel can use large pages. lend_region_unmap()
 * unmaps it; closing the device unmaps everything.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: not aligned, or not within one area;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of mmap(), LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_region_map(struct lend_device *device, unsigned int index,
		    uint64_t offset, uint64_t size, void **vaddr);

/**
 * lend_region_unmap() - unmap what lend_region_map() mapped
 * @device: device
 * @vaddr:  address that lend_region_map() gave
 * @size:   bytes, as it was mapped
 *
 * Does nothing if there is no such mapping.
 *
 * Since: 0.1
 */
void lend_region_unmap(struct lend_device *device, void *vaddr, uint64_t size);

/**
 * lend_region_map_dma() - map part of a region for DMA by other devices
 * @device: device that has the region
 * @index:  region index
 * @offset: bytes from the start of the region, a multiple of the page size
 * @size:   bytes, a multiple of the page size, within one of the region's areas
 * @vaddr:  address at which lend_region_map() mapped that part
 * @iova:   first address that devices use, a multiple of the page size
 *
 * For peer-to-peer DMA: the devices of the address space that @device is open
 * in read and write the region. The device must decode the region, and the
 * mapping must be removed (lend_region_unmap_dma()) before it stops doing so.
 *
 * The container maps what is at @vaddr. iommufd maps a dma-buf of the region
 * (Linux 6.19 or later); without it, the kernel answers -EFAULT, as iommufd
 * maps memory only. One system call, two with a dma-buf. The bytes count for
 * lend_iommu_mapped().
 *
 * Makes no record of a failure, as a guest can cause it.
 *
 * Returns: 0, or
 * -EINVAL: not aligned, or not within one area, or the range exceeds 64 bits;
 * -ENOTSUP: the back end is LEND_BACKEND_NOIOMMU;
 * -EEXIST: overlaps a mapping;
 * -ERANGE: reserved, or beyond the reach of the IOMMU;
 * -ENOSPC: too many mappings;
 * -ENOMEM: not enough memory;
 * -EFAULT: the kernel cannot map registers; use the container, or go without;
 * or another -errno of the ioctl.
 *
 * Since: 0.1. Source: VFIO_IOMMU_MAP_DMA and VFIO_DEVICE_FEATURE_DMA_BUF in
 * linux/vfio.h, IOMMU_IOAS_MAP_FILE in linux/iommufd.h.
 */
int lend_region_map_dma(struct lend_device *device, unsigned int index,
			uint64_t offset, uint64_t size, void *vaddr,
			uint64_t iova);

/**
 * lend_region_unmap_dma() - unmap what lend_region_map_dma() mapped
 * @device: device that has the region
 * @iova:   first address, as it was mapped
 * @size:   bytes, as it was mapped
 *
 * If it cannot be unmapped a warning is logged, and devices may reach the
 * region until the last device of the address space is closed.
 *
 * Since: 0.1. Source: VFIO_IOMMU_UNMAP_DMA in linux/vfio.h, IOMMU_IOAS_UNMAP in
 * linux/iommufd.h.
 */
void lend_region_unmap_dma(struct lend_device *device, uint64_t iova,
			   uint64_t size);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
