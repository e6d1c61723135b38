/* SPDX-License-Identifier: MIT */
/* I/O address spaces: what memory the lent devices can reach, and where. */
#ifndef LEND_IOMMU_H
#define LEND_IOMMU_H

#include <stddef.h>
#include <stdint.h>

#include <lend/context.h>
#include <lend/error.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

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
 * enum lend_backend - what of the kernel makes an I/O address space
 *
 * Since: 0.1
 */
enum lend_backend {
	LEND_BACKEND_AUTO = 0,      /* what the kernel offers for the device */
	LEND_BACKEND_CONTAINER = 1, /* /dev/vfio/N in a type1 container */
	LEND_BACKEND_IOMMUFD = 2,   /* /dev/vfio/devices/vfioN, /dev/iommu */
	LEND_BACKEND_NOIOMMU = 3,   /* /dev/vfio/noiommu-N: no protection */
};

/**
 * struct lend_iommu_options - how an I/O address space is made
 * @size:    sizeof(struct lend_iommu_options), so that it can grow
 * @backend: which back end; AUTO takes iommufd where the first device has a
 *           node of its own that can be opened, and so can /dev/iommu, and
 *           iommufd does not refuse it, else the container. It never takes
 * LEND_BACKEND_NOIOMMU, in which a device reaches all of the host's memory
 * @iommufd: an iommufd that was opened elsewhere, as by another process, or -1
 *           to open one; only for AUTO, which then is iommufd, and IOMMUFD.
 *           After a success it is the library's, which closes it; after a
 *           failure it is still the caller's
 *
 * Begin with LEND_IOMMU_OPTIONS_INIT, so that no descriptor is 0 by oversight.
 *
 * Since: 0.1
 */
struct lend_iommu_options {
	size_t size;
	enum lend_backend backend;
	int iommufd;
};

/** Everything as by default. Since: 0.1 */
#define LEND_IOMMU_OPTIONS_INIT                                                \
	{                                                                      \
		sizeof(struct lend_iommu_options), LEND_BACKEND_AUTO, -1       \
	}

/**
 * lend_iommu_new() - make an I/O address space
 * @ctx:     context
 * @options: how, or NULL for LEND_IOMMU_OPTIONS_INIT
 * @iommu:   receives it, with one reference
 *
 * Opens what the back end opens once: /dev/vfio/vfio or /dev/iommu. Where AUTO
 * leaves the choice to the first device, so is the opening, and
 * lend_device_open() returns what is listed here.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not set, an unknown back end,
 * an iommufd for a back end that takes none, or one that is no iommufd;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENOENT, LEND_ERROR_NO_VFIO: no /dev/vfio/vfio; `modprobe vfio-pci`; or no
 * /dev/iommu; `modprobe iommufd`, or the container;
 * -EACCES, LEND_ERROR_PERMISSION: the node is not accessible;
 * -ENOTSUP, LEND_ERROR_NO_VFIO: the kernel speaks another API version;
 * or another -errno of open() or IOMMU_IOAS_ALLOC, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: Documentation/driver-api/vfio.rst,
 * Documentation/userspace-api/iommufd.rst.
 */
int lend_iommu_new(struct lend_ctx *ctx,
		   const struct lend_iommu_options *options,
		   struct lend_iommu **iommu);

/**
 * lend_iommu_backend() - the back end in use
 * @iommu: address space
 *
 * Returns: the back end; LEND_BACKEND_AUTO while no device has decided it.
 *
 * Since: 0.1
 */
enum lend_backend lend_iommu_backend(const struct lend_iommu *iommu);

/**
 * lend_iommu_backend_name() - the back end in use, as a word
 * @iommu: address space
 *
 * Returns: "auto", "container", "iommufd" or "noiommu", constant.
 *
 * Since: 0.1
 */
const char *lend_iommu_backend_name(const struct lend_iommu *iommu);

/**
 * lend_iommu_reason() - why that back end is in use
 * @iommu: address space
 *
 * Also logged as LEND_LOG_INFO when it is decided.
 *
 * Returns: part of a sentence, such as "there is no /dev/iommu"; borrowed,
 * valid until the next device is opened in the address space.
 *
 * Since: 0.1
 */
const char *lend_iommu_reason(const struct lend_iommu *iommu);

/**
 * lend_iommu_ref() - take a reference
 * @iommu: address space
 *
 * Returns: @iommu; lend_iommu_unref() drops the reference. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_iommu *lend_iommu_ref(struct lend_iommu *iommu);

/**
 * lend_iommu_unref() - drop a reference
 * @iommu: address space, or NULL
 *
 * The last one closes it. Each device that is open in it holds one.
 *
 * Returns: NULL, for `iommu = lend_iommu_unref(iommu)`. Cannot fail.
 *
 * Since: 0.1
 */
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
 * -ENOTSUP, LEND_ERROR_NO_IOMMU: the back end is LEND_BACKEND_NOIOMMU;
 * -EEXIST, LEND_ERROR_DMA: overlaps what is mapped; the record names it;
 * -ERANGE, LEND_ERROR_DMA: reserved or out of reach of the IOMMU; the record
 * lists the usable ranges;
 * -ENOMEM, LEND_ERROR_MEMLOCK: over RLIMIT_MEMLOCK; the record tells the need
 * and the limit, `ulimit -l` raises it; or LEND_ERROR_MEMORY: there is too
 * little memory;
 * -ENOSPC, LEND_ERROR_LIMIT: the container's count of mappings
 * (dma_entry_limit of vfio_iommu_type1) is used up; where the kernel tells how
 * many there are, it is not asked in vain;
 * or another -errno of the ioctl, LEND_ERROR_DMA.
 *
 * Since: 0.1. Source: VFIO_IOMMU_MAP_DMA in linux/vfio.h, IOMMU_IOAS_MAP in
 * linux/iommufd.h.
 */
int lend_iommu_map(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
		   uint64_t size, unsigned int flags);

/**
 * lend_iommu_map_file() - let devices reach part of a memory file
 * @iommu:  address space with at least one device open in it
 * @iova:   first address devices use
 * @vaddr:  where that part is mapped in this process
 * @size:   bytes
 * @flags:  LEND_DMA_READ, LEND_DMA_WRITE or both
 * @file:   memfd or file of a hugetlbfs; need not stay open
 * @offset: bytes from its start, aligned as @iova
 *
 * As lend_iommu_map(), but where the kernel can (iommufd, from Linux 6.13 on)
 * it pins the file's pages rather than what is mapped, so that the mapping
 * outlives this process's own, as where another takes over. Where it cannot,
 * the memory at @vaddr is mapped.
 *
 * Returns: as lend_iommu_map().
 *
 * Since: 0.1. Source: IOMMU_IOAS_MAP_FILE in linux/iommufd.h.
 */
int lend_iommu_map_file(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
			uint64_t size, unsigned int flags, int file,
			uint64_t offset);

/**
 * lend_iommu_unmap() - take back what one call mapped
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
 * Since: 0.1. Source: VFIO_IOMMU_UNMAP_DMA in linux/vfio.h, IOMMU_IOAS_UNMAP in
 * linux/iommufd.h.
 */
int lend_iommu_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t size);

/**
 * lend_iommu_unmap_all() - take back all that was mapped
 * @iommu: address space
 *
 * One ioctl; two where the kernel lacks VFIO_UNMAP_ALL.
 *
 * Returns: 0, also where nothing was mapped, or
 * -EIO, LEND_ERROR_DMA: the kernel unmapped another number of bytes;
 * or another -errno of the ioctl, LEND_ERROR_DMA; after both of which all of it
 * counts as mapped.
 *
 * Since: 0.1. Source: VFIO_DMA_UNMAP_FLAG_ALL in linux/vfio.h.
 */
int lend_iommu_unmap_all(struct lend_iommu *iommu);

/**
 * lend_iommu_ranges() - what addresses the IOMMU can map
 * @iommu:  address space with at least one device open in it
 * @ranges: receives the ranges, sorted, apart; borrowed, valid until the next
 *          device is opened in the address space
 * @count:  receives how many; 0 where the kernel does not tell
 *
 * Returns: 0, or
 * -ENOTCONN, LEND_ERROR_ARGUMENT: no device is open;
 * -ENOTSUP, LEND_ERROR_NO_IOMMU: the back end is LEND_BACKEND_NOIOMMU;
 * -EBADMSG, LEND_ERROR_DEVICE, or another -errno, LEND_ERROR_SYSTEM: the
 * kernel, asked again since a further device was opened, would not tell.
 *
 * Since: 0.1. Source: VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE in linux/vfio.h,
 * IOMMU_IOAS_IOVA_RANGES in linux/iommufd.h.
 */
int lend_iommu_ranges(struct lend_iommu *iommu,
		      const struct lend_iova_range **ranges,
		      unsigned int *count);

/**
 * lend_iommu_mapped() - bytes that are mapped
 * @iommu: address space
 *
 * Returns: the sum of what lend_iommu_map() mapped and nothing unmapped since.
 *
 * Since: 0.1
 */
uint64_t lend_iommu_mapped(const struct lend_iommu *iommu);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
