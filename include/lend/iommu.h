/* SPDX-License-Identifier: MIT */
/* I/O address spaces: what memory the lent devices can reach, and where. */
#ifndef LEND_IOMMU_H
#define LEND_IOMMU_H

#include <stdint.h>

#include <lend/context.h>
#include <lend/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct lend_iommu - an I/O address space, shared by the devices opened in it
 *
 * Opaque, reference-counted; devices hold a reference of their own. When the
 * last device that is open in it is closed, all that is mapped is unmapped; it
 * can be used again then.
 *
 * Since: 0.1
 */
struct lend_iommu;

/** Devices may read the memory. Since: 0.1 */
#define LEND_DMA_READ (1u << 0)
/** Devices may write the memory. Since: 0.1 */
#define LEND_DMA_WRITE (1u << 1)

/**
 * struct lend_iova_range - addresses that can be mapped
 * @first: first address
 * @last:  last address, inclusive
 *
 * Since: 0.1
 */
struct lend_iova_range {
	uint64_t first;
	uint64_t last;
};

/**
 * lend_iommu_new() - make an I/O address space
 * @ctx:   context
 * @iommu: receives it, with one reference
 *
 * Opens /dev/vfio/vfio. The IOMMU model, type1 v2 or else v1, is set when the
 * first device is opened in the address space, since the kernel wants a group
 * for that.
 *
 * Returns: 0, or
 * -ENOENT, LEND_ERROR_NO_VFIO: no /dev/vfio/vfio; `modprobe vfio-pci`;
 * -EACCES, LEND_ERROR_PERMISSION: the node is not accessible;
 * -ENOTSUP, LEND_ERROR_NO_VFIO: the kernel speaks another API version;
 * or another -errno of open(), LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: Documentation/driver-api/vfio.rst.
 */
int lend_iommu_new(struct lend_ctx *ctx, struct lend_iommu **iommu);

/** lend_iommu_ref() - take a reference. Since: 0.1 */
struct lend_iommu *lend_iommu_ref(struct lend_iommu *iommu);

/** lend_iommu_unref() - drop a reference; NULL is ignored. Since: 0.1 */
struct lend_iommu *lend_iommu_unref(struct lend_iommu *iommu);

/**
 * lend_iommu_map() - let devices reach memory
 * @iommu: address space with at least one device open in it
 * @iova:  first address devices use, a multiple of the IOMMU's page size
 * @vaddr: first byte of the memory, equally aligned
 * @size:  bytes, a multiple of the IOMMU's page size, not 0
 * @flags: LEND_DMA_READ, LEND_DMA_WRITE or both
 *
 * One ioctl, whatever the size. The memory is pinned; it must stay mapped in
 * this process until it is unmapped here.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: not aligned, empty, wraps, unknown flags;
 * -ENOTCONN, LEND_ERROR_ARGUMENT: no device is open in the address space;
 * -EEXIST, LEND_ERROR_DMA: overlaps what is mapped; the record names it;
 * -ERANGE, LEND_ERROR_DMA: reserved or out of reach of the IOMMU; the record
 * lists the usable ranges;
 * -ENOMEM, LEND_ERROR_MEMLOCK: over RLIMIT_MEMLOCK; the record tells the need
 * and the limit, `ulimit -l` raises it; or LEND_ERROR_MEMORY: there is too
 * little memory;
 * -ENOSPC, LEND_ERROR_LIMIT: the container's count of mappings
 * (dma_entry_limit of vfio_iommu_type1) is used up;
 * or another -errno of the ioctl, LEND_ERROR_DMA.
 *
 * Since: 0.1. Source: VFIO_IOMMU_MAP_DMA in linux/vfio.h.
 */
int lend_iommu_map(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
		   uint64_t size, unsigned int flags);

/**
 * lend_iommu_unmap() - take back what one lend_iommu_map() call mapped
 * @iommu: address space
 * @iova:  as it was mapped
 * @size:  as it was mapped
 *
 * Returns: 0, or
 * -ENOENT, LEND_ERROR_ARGUMENT: nothing was mapped in just that range;
 * -EIO, LEND_ERROR_DMA: the kernel unmapped another number of bytes;
 * or another -errno of the ioctl, LEND_ERROR_DMA.
 * After the last two, devices may reach the memory still: it counts as mapped,
 * and must be kept until the last device is closed.
 *
 * Since: 0.1. Source: VFIO_IOMMU_UNMAP_DMA in linux/vfio.h.
 */
int lend_iommu_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t size);

/**
 * lend_iommu_ranges() - what addresses the IOMMU can map
 * @iommu:  address space with at least one device open in it
 * @ranges: receives the ranges, sorted, apart; borrowed, valid until the next
 *          device is opened in the address space
 * @count:  receives how many; 0 where the kernel does not tell
 *
 * Returns: 0, or -ENOTCONN, LEND_ERROR_ARGUMENT: no device is open.
 *
 * Since: 0.1. Source: VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE in linux/vfio.h.
 */
int lend_iommu_ranges(struct lend_iommu *iommu,
		      const struct lend_iova_range **ranges,
		      unsigned int *count);

/**
 * lend_iommu_mapped() - bytes that are mapped
 *
 * Returns: the sum of what lend_iommu_map() mapped and nothing unmapped since.
 *
 * Since: 0.1
 */
uint64_t lend_iommu_mapped(const struct lend_iommu *iommu);

#ifdef __cplusplus
}
#endif

#endif
