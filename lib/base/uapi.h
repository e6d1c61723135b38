/* SPDX-License-Identifier: MIT */
/* Kernel interfaces that are newer than the headers of Linux 6.1, under names
 * of our own, so that newer headers do not conflict. */
#ifndef LIB_BASE_UAPI_H
#define LIB_BASE_UAPI_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <linux/vfio.h>

/*
 * linux/iommufd.h, from Linux 6.2 on. Each structure begins with its size. A
 * kernel without such an ioctl returns ENOTTY.
 */

#define UAPI_IOMMU_DESTROY    _IO(';', 0x80)
#define UAPI_IOAS_ALLOC       _IO(';', 0x81)
#define UAPI_IOAS_IOVA_RANGES _IO(';', 0x84)
#define UAPI_IOAS_MAP         _IO(';', 0x85)
#define UAPI_IOAS_UNMAP       _IO(';', 0x86)
#define UAPI_IOAS_MAP_FILE    _IO(';', 0x8f) /* from Linux 6.13 on */

struct uapi_iommu_destroy {
	uint32_t size;
	uint32_t id;
};

struct uapi_ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t id; /* out */
};

/* With too little room the result is EMSGSIZE, and count is the number
 * required. */
struct uapi_ioas_iova_ranges {
	uint32_t size;
	uint32_t id;
	uint32_t count;
	uint32_t reserved;
	uint64_t ranges;    /* of struct lend_iova_range */
	uint64_t alignment; /* out */
};

#define UAPI_IOAS_MAP_FIXED_IOVA (1u << 0)
#define UAPI_IOAS_MAP_WRITEABLE  (1u << 1)
#define UAPI_IOAS_MAP_READABLE   (1u << 2)

struct uapi_ioas_map {
	uint32_t size;
	uint32_t flags;
	uint32_t id;
	uint32_t reserved;
	uint64_t vaddr;
	uint64_t length;
	uint64_t iova;
};

struct uapi_ioas_map_file {
	uint32_t size;
	uint32_t flags;
	uint32_t id;
	int32_t fd;
	uint64_t start;
	uint64_t length;
	uint64_t iova;
};

/* IOVA 0 and a length of all ones unmap everything. */
struct uapi_ioas_unmap {
	uint32_t size;
	uint32_t id;
	uint64_t iova;
	uint64_t length; /* in and out */
};

/* linux/vfio.h: device nodes, from Linux 6.6 on. */

#define UAPI_DEVICE_BIND   _IO(VFIO_TYPE, VFIO_BASE + 18)
#define UAPI_DEVICE_ATTACH _IO(VFIO_TYPE, VFIO_BASE + 19)
#define UAPI_DEVICE_DETACH _IO(VFIO_TYPE, VFIO_BASE + 20)

#define UAPI_DEVICE_BIND_TOKEN (1u << 0)

/* Linux 6.17 added the token; older kernels refuse the flag with EINVAL and
 * ignore what follows devid. */
struct uapi_device_bind {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t devid; /* out */
	uint64_t token; /* of 16 bytes */
};

struct uapi_device_attach {
	uint32_t argsz;
	uint32_t flags;
	uint32_t id; /* of an IOAS; out: the kernel's choice */
};

struct uapi_device_detach {
	uint32_t argsz;
	uint32_t flags;
};

/* linux/vfio.h: a dma-buf of part of a region, from Linux 6.19 on, as
 * VFIO_DEVICE_FEATURE's data; its result is the descriptor. */

#define UAPI_FEATURE_DMA_BUF 11u

struct uapi_dma_buf_range {
	uint64_t offset; /* in the region */
	uint64_t length;
};

struct uapi_feature_dma_buf {
	uint32_t region;
	uint32_t open_flags; /* O_RDWR, O_CLOEXEC */
	uint32_t flags;      /* 0 */
	uint32_t range_count;
	struct uapi_dma_buf_range ranges[];
};

/* linux/vfio.h: the devices that a hot reset affects, as reported for devices
 * with nodes. */

#define UAPI_HOT_RESET_DEV_ID    (1u << 0)
#define UAPI_HOT_RESET_OWNED     0u
#define UAPI_HOT_RESET_NOT_OWNED 0xffffffffu

_Static_assert(sizeof(struct uapi_iommu_destroy) == 8, "as the kernel's");
_Static_assert(sizeof(struct uapi_ioas_alloc) == 12, "as the kernel's");
_Static_assert(sizeof(struct uapi_ioas_iova_ranges) == 32, "as the kernel's");
_Static_assert(sizeof(struct uapi_ioas_map) == 40, "as the kernel's");
_Static_assert(sizeof(struct uapi_ioas_map_file) == 40, "as the kernel's");
_Static_assert(sizeof(struct uapi_ioas_unmap) == 24, "as the kernel's");
_Static_assert(sizeof(struct uapi_device_bind) == 24, "as the kernel's");
_Static_assert(offsetof(struct uapi_device_bind, token) == 16,
	       "as the kernel's");
_Static_assert(sizeof(struct uapi_device_attach) == 12, "as the kernel's");
_Static_assert(sizeof(struct uapi_device_detach) == 8, "as the kernel's");
_Static_assert(sizeof(struct uapi_dma_buf_range) == 16, "as the kernel's");
_Static_assert(sizeof(struct uapi_feature_dma_buf) == 16, "as the kernel's");

#endif
