/* SPDX-License-Identifier: MIT */
/* The messages of vfio-user, protocol 0.0: numbers and layouts. */
#ifndef LIB_USER_MESSAGE_H
#define LIB_USER_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

/* Host byte order. Source: docs/interop/vfio-user.rst of QEMU. */

enum user_command {
	USER_VERSION = 1,
	USER_DMA_MAP = 2,
	USER_DMA_UNMAP = 3,
	USER_DEVICE_GET_INFO = 4,
	USER_DEVICE_GET_REGION_INFO = 5,
	USER_DEVICE_GET_REGION_IO_FDS = 6,
	USER_DEVICE_GET_IRQ_INFO = 7,
	USER_DEVICE_SET_IRQS = 8,
	USER_REGION_READ = 9,
	USER_REGION_WRITE = 10,
	USER_DMA_READ = 11,
	USER_DMA_WRITE = 12,
	USER_DEVICE_RESET = 13,
};

#define USER_TYPE_MASK 0xfu
#define USER_COMMAND   0x0u
#define USER_REPLY     0x1u
#define USER_NO_REPLY  0x10u /* the sender expects no reply */
#define USER_ERROR     0x20u /* the reply is the header alone */

struct user_header {
	uint16_t id; /* the sender's choice; a reply has its command's */
	uint16_t command;
	uint32_t size; /* of the message with its header */
	uint32_t flags;
	uint32_t err; /* a positive errno */
};

#define USER_MAJOR 0
#define USER_MINOR 0

/* Text follows: a JSON object and a NUL. */
struct user_version_head {
	uint16_t major;
	uint16_t minor;
};

#define USER_DMA_MAP_READ  0x1u
#define USER_DMA_MAP_WRITE 0x2u

struct user_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset; /* in the file, if there is a descriptor */
	uint64_t iova;
	uint64_t size;
};

/* All mappings, if @iova and @size are 0. */
#define USER_DMA_UNMAP_ALL 0x2u

struct user_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t iova;
	uint64_t size;
};

/* Flags, indices, and what follows the structures as capabilities or data, are
 * those of linux/vfio.h. */

struct user_device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t region_count;
	uint32_t irq_count;
};

struct user_region_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t cap_offset;
	uint64_t size;
	uint64_t offset; /* for mmap() of the reply's descriptor */
};

struct user_irq_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t count;
};

/* With bytes, one for each interrupt, or as many descriptors. */
struct user_irq_set {
	uint32_t argsz;
	uint32_t flags;
	uint32_t index;
	uint32_t start;
	uint32_t count;
};

/* Data follow: of a read's reply, and of a write. */
struct user_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count;
};

_Static_assert(sizeof(struct user_header) == 16, "as on the wire");
_Static_assert(offsetof(struct user_header, size) == 4, "as on the wire");
_Static_assert(sizeof(struct user_version_head) == 4, "as on the wire");
_Static_assert(sizeof(struct user_dma_map) == 32, "as on the wire");
_Static_assert(sizeof(struct user_dma_unmap) == 24, "as on the wire");
_Static_assert(sizeof(struct user_device_info) == 16, "as on the wire");
_Static_assert(sizeof(struct user_region_info) == 32, "as on the wire");
_Static_assert(sizeof(struct user_irq_info) == 16, "as on the wire");
_Static_assert(sizeof(struct user_irq_set) == 20, "as on the wire");
_Static_assert(sizeof(struct user_region_access) == 16, "as on the wire");

/* The most bytes of data in one message, by default and here. */
#define USER_DATA_MAX 0x100000u
/* The most bytes after the header: data behind the largest structure. */
#define USER_PAYLOAD_MAX (USER_DATA_MAX + 32u)
/* The most descriptors that are received with one message. */
#define USER_FDS_MAX 16u

#endif
