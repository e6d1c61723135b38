/* SPDX-License-Identifier: MIT */
/* Regions of a device: its registers, memory, ports, configuration space. */
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
 * @type:         of a region that is the device's own kind: a VFIO region type;
 *                0 for those of fixed indices
 * @subtype:      of that type
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
	uint32_t type;
	uint32_t subtype;
};

/** Region indices of PCI devices. Since: 0.1. Source: linux/vfio.h. */
#define LEND_PCI_REGION_BAR(n) (n)
#define LEND_PCI_REGION_ROM    6
#define LEND_PCI_REGION_CONFIG 7
#define LEND_PCI_REGION_VGA    8

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
 * lend_region_map_dma() - let devices reach part of a region
 * @device: device whose region it is
 * @index:  region index
 * @offset: bytes from the region's start, a multiple of the page size
 * @size:   bytes, a multiple of the page size
 * @vaddr:  where lend_region_map() has put that part
 * @iova:   first address that devices use, equally aligned
 *
 * Peer-to-peer: devices of the address space that @device is open in read and
 * write the region by DMA. The device must decode the region now; take the
 * mapping back before it no longer does. The container maps what is at @vaddr,
 * iommufd a dma-buf of the region (from Linux 6.19 on; no descriptor stays
 * open). Before that iommufd answers -EFAULT: it maps memory, not registers.
 * One system call, two with a dma-buf. It counts as mapped as lend_iommu_map()
 * says.
 *
 * Returns: 0, or
 * -EINVAL: not aligned, empty, wraps, or not within an area of the region;
 * -ENOTSUP: the back end is LEND_BACKEND_NOIOMMU;
 * -EEXIST: overlaps what is mapped;
 * -ERANGE: @iova is reserved or out of the IOMMU's reach;
 * -ENOSPC: the kernel takes no more mappings; -ENOMEM;
 * or another -errno of the kernel, -EFAULT above all: use the container, or
 * leave it. Leaves the record of the last failure alone, since a guest can
 * provoke it.
 *
 * Since: 0.1. Source: VFIO_IOMMU_MAP_DMA and VFIO_DEVICE_FEATURE_DMA_BUF in
 * linux/vfio.h, IOMMU_IOAS_MAP_FILE in linux/iommufd.h.
 */
int lend_region_map_dma(struct lend_device *device, unsigned int index,
			uint64_t offset, uint64_t size, void *vaddr,
			uint64_t iova);

/**
 * lend_region_unmap_dma() - take back lend_region_map_dma()
 * @device: device whose region it is
 * @iova:   as it was mapped
 * @size:   as it was mapped
 *
 * Where the kernel does not take it back a warning is logged, and devices may
 * reach the region until the last one is closed.
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
