/* SPDX-License-Identifier: MIT */
/* The header of an arm64 Image: checked before a byte of it is believed. */
#ifndef VMM_ARM64_IMAGE_H
#define VMM_ARM64_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/memory/range.h"

struct lend_ctx;

#define IMAGE_HEADER_BYTES 1024 /* to see what else a file may be */

struct image {
	uint64_t load; /* guest address to put the file at, and to begin at */
	uint64_t room; /* bytes it needs there until it is running */
};

/*
 * Check the first @length bytes of the image @path, a file of @file_size
 * bytes, and find where it goes in @ram. Pure. Returns 0 or a recorded error.
 */
int image_parse(struct lend_ctx *ctx, const char *path, const uint8_t *bytes,
		size_t length, uint64_t file_size, struct range ram,
		struct image *image);

#endif
