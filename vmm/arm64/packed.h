/* SPDX-License-Identifier: MIT */
/* Recognises a compressed kernel, as distributions ship them for arm64. */
#ifndef VMM_ARM64_PACKED_H
#define VMM_ARM64_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lend_ctx;

enum packing {
	PACKING_NONE,
	PACKING_GZIP,
	PACKING_ZSTD,
	PACKING_XZ,
	PACKING_LZ4, /* its legacy format */
};

struct packed {
	enum packing packing;
	bool is_zboot;     /* an EFI program that contains the kernel */
	uint64_t at, size; /* of the compressed bytes, within the file */
};

/*
 * Find the compressed bytes of the file @path of @file_size bytes, of which
 * @bytes are the first @length. PACKING_NONE: it is not compressed, or in no
 * way known here. Pure. Returns 0 or a recorded error.
 */
int packed_parse(struct lend_ctx *ctx, const char *path, const uint8_t *bytes,
		 size_t length, uint64_t file_size, struct packed *packed);

/* Decompresses one block; -1 if it is invalid, otherwise the number of bytes.
 */
typedef int packed_block(const char *from, char *to, int from_size,
			 int to_size);

/*
 * Unpack lz4's legacy format: @from_size bytes at @from to @to_size bytes at
 * @to. Returns the number of bytes; -EBADMSG for invalid ones, -EFBIG for too
 * many.
 */
int64_t packed_lz4(const uint8_t *from, uint64_t from_size, uint8_t *to,
		   uint64_t to_size, packed_block *block);

#endif
