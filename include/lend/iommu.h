/* SPDX-License-Identifier: MIT */
/* I/O address spaces: the memory that devices can reach by DMA, and where. */
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
 * Opaque and reference-counted; each open device holds a reference. When the
 * last device that is open in it is closed, everything is unmapped. The address
 * space can be used again after that, by the same back end.
 *
 * Since: 0.1
 */
struct lend_iommu;

/** Devices may read the memory. Since: 0.1 */
#define LEND_DMA_READ (1u << 0)

/** Devices may write the memory. Since: 0.1 */
#define LEND_DMA_WRITE (1u << 1)

/**
 * struct lend_iova_range - a range of I/O virtual addresses
 * @first: first address
 * @last:  last address, inclusive
 *
 * Never grows: functions give arrays of it.
 *
 * Since: 0.1
 */
struct lend_iova_range {
	uint64_t first;
	uint64_t last;
};

/**
 * enum lend_backend - kernel interface that implements an I/O address space
 * @LEND_BACKEND_AUTO:      chosen when the first device is opened
 * @LEND_BACKEND_CONTAINER: a type1 container: /dev/vfio/vfio and the group's
 *                          /dev/vfio/N
 * @LEND_BACKEND_IOMMUFD:   iommufd: /dev/iommu and the device's
 *                          /dev/vfio/devices/vfioN
 * @LEND_BACKEND_NOIOMMU:   VFIO's no-IOMMU mode: /dev/vfio/noiommu-N; a device
 *                          can reach all of the host's memory
 * @LEND_BACKEND_USER:      vfio-user: a server behind a Unix socket, for one
 *                          device; see lend_device_open_socket()
 *
 * Since: 0.1
 */
enum lend_backend {
	LEND_BACKEND_AUTO = 0,
	LEND_BACKEND_CONTAINER = 1,
	LEND_BACKEND_IOMMUFD = 2,
	LEND_BACKEND_NOIOMMU = 3,
	LEND_BACKEND_USER = 4,
};

/**
 * struct lend_iommu_options - options of an I/O address space
 * @size:    sizeof(struct lend_iommu_options)
 * @backend: back end. LEND_BACKEND_AUTO takes iommufd if the first device has a
 *           node of its own, that node and /dev/iommu can be opened, and
 *           iommufd does not refuse the device; otherwise the container. It
 *           never takes LEND_BACKEND_NOIOMMU, and takes LEND_BACKEND_USER only
 *           for a device behind a socket
 * @iommufd: an open iommufd, as from another process, for LEND_BACKEND_IOMMUFD
 *           or LEND_BACKEND_AUTO, which is iommufd then; -1 to open /dev/iommu.
 *           After success the library owns and closes it; after a failure the
 *           caller does
 *
 * Start from LEND_IOMMU_OPTIONS_INIT: in a structure of zeros, @iommufd is
 * descriptor 0.
 *
 * Since: 0.1
 */
struct lend_iommu_options {
	size_t size;
	enum lend_backend backend;
	int iommufd;
};

/** Initializer of struct lend_iommu_options, with all defaults. Since: 0.1 */
#define LEND_IOMMU_OPTIONS_INIT                                                \
	{                                                                      \
		sizeof(struct lend_iommu_options), LEND_BACKEND_AUTO, -1       \
	}

/**
 * lend_iommu_new() - create an I/O address space
 * @ctx:     context
 * @options: options, or NULL for LEND_IOMMU_OPTIONS_INIT
 * @iommu:   receives the address space, with one reference; lend_iommu_unref()
 *           drops it
 *
 * Opens /dev/vfio/vfio or /dev/iommu, unless the back end is LEND_BACKEND_AUTO
 * and no iommufd was given. Then lend_device_open() opens it for the first
 * device, and returns the errors below.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: @options->size is not the structure's size,
 * unknown back end, an iommufd for a back end that takes none, or a descriptor
 * that is not an iommufd;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENOENT, LEND_ERROR_NO_VFIO: no /dev/vfio/vfio, run `modprobe vfio-pci`; or
 * no /dev/iommu, run `modprobe iommufd` or use the container;
 * -EACCES, LEND_ERROR_PERMISSION: the node is not accessible; the record says
 * to whom it is;
 * -ENOTSUP, LEND_ERROR_NO_VFIO: the kernel has another version of the VFIO API;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of open() or IOMMU_IOAS_ALLOC, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: Documentation/driver-api/vfio.rst,
 * Documentation/userspace-api/iommufd.rst.
 */
int lend_iommu_new(struct lend_ctx *ctx,
		   const struct lend_iommu_options *options,
		   struct lend_iommu **iommu);

/**
 * lend_iommu_backend() - get the back end of an address space
 * @iommu: address space
 *
 * Returns: the back end; LEND_BACKEND_AUTO until the first device decides it.
 * Cannot fail.
 *
 * Since: 0.1
 */
enum lend_backend lend_iommu_backend(const struct lend_iommu *iommu);

/**
 * lend_iommu_backend_name() - get the back end of an address space as a word
 * @iommu: address space
 *
 * Returns: "auto", "container", "iommufd", "noiommu" or "vfio-user"; constant.
 * Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_iommu_backend_name(const struct lend_iommu *iommu);

/**
 * lend_iommu_fd() - get the descriptor of an address space
 * @iommu: address space
 *
 * For what this library does not do: the kernel's own interface to dirty pages,
 * an address space that a vDPA device shares, nested translation. Do not close
 * it. What a program does with it is not known here: a mapping that it makes is
 * not in the way of lend_iommu_map() before the kernel is asked, does not count
 * for lend_iommu_mapped(), and must be removed before the last device is
 * closed.
 *
 * Dirty pages are not tracked by this library, which migrates no device. The
 * kernel's interfaces for that (VFIO_IOMMU_DIRTY_PAGES of the container,
 * IOMMU_HWPT_GET_DIRTY_BITMAP of iommufd) take this descriptor.
 *
 * Returns: an iommufd, or a container's descriptor, by lend_iommu_backend();
 * borrowed, and valid as long as @iommu; or
 * -ENOTCONN: no back end is open yet, see lend_iommu_new(). Makes no record.
 *
 * Since: 0.1. Source: linux/iommufd.h, linux/vfio.h.
 */
int lend_iommu_fd(const struct lend_iommu *iommu);

/**
 * lend_iommu_ioas() - get the number of an address space in its iommufd
 * @iommu: address space
 *
 * As with lend_iommu_fd(), what a program does with the object is not known
 * here. It must not destroy it.
 *
 * Returns: the ID of an I/O address space (IOAS), which is not 0; 0 if the back
 * end is not iommufd, or is not open yet. Cannot fail.
 *
 * Since: 0.1. Source: IOMMU_IOAS_ALLOC in linux/iommufd.h.
 */
uint32_t lend_iommu_ioas(const struct lend_iommu *iommu);

/**
 * lend_iommu_reason() - get the reason why that back end is used
 * @iommu: address space
 *
 * The reason is also logged, as LEND_LOG_INFO, when the first device decides.
 *
 * Returns: part of a sentence, such as "there is no /dev/iommu"; borrowed, and
 * valid until a device is opened in the address space. Cannot fail.
 *
 * Since: 0.1
 */
const char *lend_iommu_reason(const struct lend_iommu *iommu);

/**
 * lend_iommu_ref() - take a reference to an address space
 * @iommu: address space
 *
 * Returns: @iommu; lend_iommu_unref() drops the reference. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_iommu *lend_iommu_ref(struct lend_iommu *iommu);

/**
 * lend_iommu_unref() - drop a reference to an address space
 * @iommu: address space, or NULL
 *
 * The last reference closes it.
 *
 * Returns: NULL, for `iommu = lend_iommu_unref(iommu)`. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_iommu *lend_iommu_unref(struct lend_iommu *iommu);

/**
 * lend_iommu_map() - map memory for DMA
 * @iommu: address space with at least one open device
 * @iova:  first address that devices use, a multiple of the IOMMU's smallest
 *         page, see lend_iommu_page_sizes()
 * @vaddr: first byte of the memory, also a multiple of that
 * @size:  bytes, more than 0, also a multiple of that
 * @flags: LEND_DMA_READ, LEND_DMA_WRITE or both
 *
 * All devices of the address space reach the memory. The kernel pins it: it
 * counts against RLIMIT_MEMLOCK, and must stay mapped in this process until it
 * is unmapped here. One ioctl, whatever the size; it takes as long as the
 * kernel needs to fault in and pin the memory.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: not aligned, @size is 0, the range exceeds 64
 * bits, or invalid @flags;
 * -ENOTCONN, LEND_ERROR_ARGUMENT: no device is open in the address space;
 * -ENOTSUP, LEND_ERROR_NO_IOMMU: the back end is LEND_BACKEND_NOIOMMU;
 * -EEXIST, LEND_ERROR_DMA: overlaps a mapping, which the record gives;
 * -ERANGE, LEND_ERROR_DMA: reserved, or beyond the reach of the IOMMU; the
 * record lists the usable ranges, as lend_iommu_ranges() does;
 * -ENOMEM, LEND_ERROR_MEMLOCK: exceeds RLIMIT_MEMLOCK; the record has the limit
 * that is needed, raise it with `ulimit -l`;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * -ENOSPC, LEND_ERROR_LIMIT: too many mappings; map fewer and larger blocks, or
 * raise dma_entry_limit of vfio_iommu_type1;
 * -EBADMSG, LEND_ERROR_DEVICE: the kernel's description of the IOMMU is
 * invalid;
 * or another -errno of the ioctl, LEND_ERROR_DMA.
 *
 * Since: 0.1. Source: VFIO_IOMMU_MAP_DMA in linux/vfio.h, IOMMU_IOAS_MAP in
 * linux/iommufd.h.
 */
int lend_iommu_map(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
		   uint64_t size, unsigned int flags);

/**
 * lend_iommu_map_any() - map memory for DMA at free addresses
 * @iommu: address space with at least one open device
 * @vaddr: first byte of the memory, as for lend_iommu_map()
 * @size:  bytes, as for lend_iommu_map()
 * @flags: LEND_DMA_READ, LEND_DMA_WRITE or both
 * @last:  highest address that the devices can use: UINT32_MAX for a device
 *         with addresses of 32 bits, UINT64_MAX for no limit
 * @iova:  receives the first address that devices use; unchanged after a
 *         failure
 *
 * Chooses the lowest addresses that are free, usable by the IOMMU and not below
 * 1 MiB. Memory of 2 MiB or more is mapped so that the IOMMU can use large
 * pages, if there is room for that, even if other addresses below are free.
 * lend_dma_new() allocates the memory too.
 *
 * Returns: 0, or
 * -ERANGE, LEND_ERROR_DMA: no such range is free; the record lists the usable
 * ranges;
 * or as lend_iommu_map().
 *
 * Since: 0.1
 */
int lend_iommu_map_any(struct lend_iommu *iommu, void *vaddr, uint64_t size,
		       unsigned int flags, uint64_t last, uint64_t *iova);

/**
 * lend_iommu_map_file() - map part of a memory file for DMA
 * @iommu:  address space with at least one open device
 * @iova:   first address that devices use, as for lend_iommu_map()
 * @vaddr:  where that part of the file is mapped in this process
 * @size:   bytes, as for lend_iommu_map()
 * @flags:  LEND_DMA_READ, LEND_DMA_WRITE or both
 * @file:   descriptor of a memfd or of a file of hugetlbfs; it may be closed
 *          afterwards
 * @offset: bytes from the start of the file, aligned as @iova
 *
 * As lend_iommu_map(). With iommufd on Linux 6.13 or later the kernel pins the
 * file's pages instead of this process's memory, so that the mapping does not
 * depend on this process, and another can take over. Otherwise the memory at
 * @vaddr is mapped.
 *
 * Returns: 0, or as lend_iommu_map().
 *
 * Since: 0.1. Source: IOMMU_IOAS_MAP_FILE in linux/iommufd.h.
 */
int lend_iommu_map_file(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
			uint64_t size, unsigned int flags, int file,
			uint64_t offset);

/**
 * lend_iommu_unmap() - unmap all mappings in a range
 * @iommu: address space
 * @iova:  first address of the range
 * @size:  bytes
 *
 * The range may have any number of mappings in it, and unmapped addresses
 * between them, but each as a whole: the kernel cannot unmap a part of what one
 * call mapped. One ioctl. lend_region_map_dma() makes mappings too.
 *
 * After -EIO or an -errno of the ioctl, devices may still reach the memory. It
 * counts as mapped, and must be kept until the last device is closed.
 *
 * Returns: 0, or
 * -ENOENT, LEND_ERROR_ARGUMENT: nothing is mapped in the range, or a mapping,
 * which the record gives, is in it only in part; nothing is unmapped;
 * -EINVAL, LEND_ERROR_ARGUMENT: the range exceeds 64 bits;
 * -EIO, LEND_ERROR_DMA: the kernel unmapped another number of bytes;
 * or another -errno of the ioctl, LEND_ERROR_DMA.
 *
 * Since: 0.1. Source: VFIO_IOMMU_UNMAP_DMA in linux/vfio.h, IOMMU_IOAS_UNMAP in
 * linux/iommufd.h.
 */
int lend_iommu_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t size);

/**
 * lend_iommu_unmap_all() - unmap everything
 * @iommu: address space
 *
 * One ioctl; two if the kernel lacks VFIO_UNMAP_ALL. After a failure everything
 * counts as mapped, as after lend_iommu_unmap().
 *
 * Returns: 0, also if nothing was mapped, or
 * -EIO, LEND_ERROR_DMA: the kernel unmapped another number of bytes;
 * or another -errno of the ioctl, LEND_ERROR_DMA.
 *
 * Since: 0.1. Source: VFIO_DMA_UNMAP_FLAG_ALL in linux/vfio.h.
 */
int lend_iommu_unmap_all(struct lend_iommu *iommu);

/**
 * lend_iommu_ranges() - get the addresses that the IOMMU can map
 * @iommu:  address space with at least one open device
 * @ranges: receives the ranges, sorted and disjoint; borrowed, and valid until
 *          a device is opened in the address space or the last one is closed
 * @count:  receives their number; 0 if the kernel does not report ranges
 *
 * A further device may have reduced the ranges: call it again after opening
 * one.
 *
 * Returns: 0, or
 * -ENOTCONN, LEND_ERROR_ARGUMENT: no device is open in the address space;
 * -ENOTSUP, LEND_ERROR_NO_IOMMU: the back end is LEND_BACKEND_NOIOMMU;
 * -EBADMSG, LEND_ERROR_DEVICE: the kernel's description of the IOMMU is
 * invalid;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE in linux/vfio.h,
 * IOMMU_IOAS_IOVA_RANGES in linux/iommufd.h.
 */
int lend_iommu_ranges(struct lend_iommu *iommu,
		      const struct lend_iova_range **ranges,
		      unsigned int *count);

/**
 * lend_iommu_page_sizes() - get the page sizes of the IOMMU
 * @iommu: address space with at least one open device
 * @sizes: receives the sizes as a sum of powers of two. The smallest, which is
 *         @sizes & -@sizes, is what addresses and sizes of mappings must be
 *         multiples of; it is rarely larger than the processor's page. Mappings
 *         that are aligned to a larger one take fewer entries of the IOMMU's
 *         table. iommufd reports only the smallest
 *
 * A further device may have raised the smallest size: call it again after
 * opening one.
 *
 * Returns: 0, or as lend_iommu_ranges().
 *
 * Since: 0.1. Source: iova_pgsizes of VFIO_IOMMU_GET_INFO in linux/vfio.h,
 * out_iova_alignment of IOMMU_IOAS_IOVA_RANGES in linux/iommufd.h.
 */
int lend_iommu_page_sizes(struct lend_iommu *iommu, uint64_t *sizes);

/**
 * lend_iommu_mapped() - get the number of bytes that are mapped
 * @iommu: address space
 *
 * Returns: the sum of the sizes of all mappings, those of lend_region_map_dma()
 * included. Cannot fail.
 *
 * Since: 0.1
 */
uint64_t lend_iommu_mapped(const struct lend_iommu *iommu);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
