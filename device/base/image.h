/* SPDX-License-Identifier: MIT */
/* The file or block device that has a disk's contents. */
#ifndef DEVICE_BASE_IMAGE_H
#define DEVICE_BASE_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct iovec;
struct lend_ctx;

struct image_options {
	const char *path;
	bool is_read_only;
	bool is_direct; /* past the host's page cache, where alignment allows */
};

struct image {
	int fd;         /* -1: closed */
	int direct;     /* the same with O_DIRECT; -1: not opened so */
	uint64_t size;  /* bytes, a multiple of the block */
	uint32_t block; /* bytes: 512 or 4096 */
	uint64_t id;    /* the same at each start, and no other image's */
	bool is_read_only;
};

/*
 * Open an image, alone: another process that has it open so is an error, and so
 * is a block device that is mounted. Returns 0 or a recorded error;
 * image_close() is due. An image that is all zeros was closed.
 */
int image_open(struct image *image, struct lend_ctx *ctx,
	       const struct image_options *options);
void image_init(struct image *image);
void image_close(struct image *image);

/*
 * Any thread may call these at any time. The range is within the image. @parts
 * is changed. They return 0, or -errno: -EFAULT if the memory of @parts has
 * gone, -ENODATA if the file has become shorter.
 */
int image_load(const struct image *image, struct iovec *parts,
	       unsigned int count, uint64_t offset);
/* With @is_durable the bytes are on the medium when this returns. */
int image_store(const struct image *image, struct iovec *parts,
		unsigned int count, uint64_t offset, bool is_durable);
int image_flush(const struct image *image);
/* With @can_discard the range need not keep its room. */
int image_zero(const struct image *image, uint64_t offset, uint64_t size,
	       bool can_discard);
/* A hint: what cannot be discarded stays as it is. */
int image_discard(const struct image *image, uint64_t offset, uint64_t size);

#endif
