/* SPDX-License-Identifier: MIT */
/* Validates the header of an arm64 Image before any field is used. */
#ifndef VMM_ARM64_IMAGE_H
#define VMM_ARM64_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/memory/range.h"

struct lend_ctx;

#define IMAGE_HEADER_BYTES 1024 /* enough to recognise other formats */

struct image {
	uint64_t load; /* guest address to load the file at; also the entry */
	uint64_t room; /* bytes it needs there to start */
	uint64_t page; /* page size in bytes; 0: not in its header */
};

/*
 * Check the first @length bytes of the image @path, a file of @file_size
 * bytes, and choose its load address in @ram. Pure. Returns 0 or a recorded
 * error.
 */
int image_parse(struct lend_ctx *ctx, const char *path, const uint8_t *bytes,
		size_t length, uint64_t file_size, struct range ram,
		struct image *image);

#endif
