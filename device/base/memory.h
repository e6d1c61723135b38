/* SPDX-License-Identifier: MIT */
/* The client's memory, as a device reaches it by DMA. */
#ifndef DEVICE_BASE_MEMORY_H
#define DEVICE_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

struct lend_server_dma;

struct memory_piece {
	uint64_t iova;
	uint64_t size;
	uint8_t *vaddr;
	unsigned int flags; /* LEND_DMA_READ, LEND_DMA_WRITE */
};

/*
 * The client may shorten a file that is mapped: an access here would be a
 * SIGBUS. So the bytes are never touched: the kernel copies them, and fails
 * instead.
 */
struct memory {
	struct memory_piece *pieces; /* by their IOVA */
	unsigned int count;
	unsigned int room;
	pid_t self;
};

/* What a command transfers: parts of the memory, in order. */
#define MEMORY_PARTS 257

struct memory_parts {
	unsigned int count;
	struct iovec part[MEMORY_PARTS];
};

void memory_init(struct memory *memory);
void memory_free(struct memory *memory);

/* Memory without a descriptor is left out. Returns 0 or -ENOMEM. */
int memory_add(struct memory *memory, const struct lend_server_dma *dma);
void memory_remove(struct memory *memory, uint64_t iova);

/*
 * Add @size bytes at an address of the device to @parts. @flag is LEND_DMA_READ
 * where the device reads the memory, LEND_DMA_WRITE where it writes. Returns 0,
 * -EFAULT if the device may not do that with all of the bytes, or -E2BIG.
 */
int memory_find(const struct memory *memory, uint64_t address, uint64_t size,
		unsigned int flag, struct memory_parts *parts);

/* Copy to or from all parts, which have @size bytes or more. Returns 0 or
 * -EFAULT. */
int memory_scatter(const struct memory *memory,
		   const struct memory_parts *parts, const void *data,
		   size_t size);
int memory_gather(const struct memory *memory, const struct memory_parts *parts,
		  void *data, size_t size);

/* Copy at an address. Returns 0 or -EFAULT. */
int memory_copy_in(const struct memory *memory, uint64_t address, void *data,
		   size_t size);
int memory_copy_out(const struct memory *memory, uint64_t address,
		    const void *data, size_t size);

/* As that; the client sees the last @flag bytes, by which it knows that the
 * others are there, after these. */
int memory_post(const struct memory *memory, uint64_t address, const void *data,
		size_t size, size_t flag);

#endif
