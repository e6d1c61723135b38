/* SPDX-License-Identifier: MIT */
/* Validates the setup header of a bzImage before any field is used. */
#ifndef VMM_X86_BOOT_HEADER_H
#define VMM_X86_BOOT_HEADER_H

#include <stddef.h>
#include <stdint.h>

#include <asm/bootparam.h>

struct lend_ctx;

/* Enough of the file to hold any setup header. */
#define BOOT_HEADER_BYTES 1024

struct boot_header {
	struct setup_header setup;
	uint64_t payload; /* file offset of the protected-mode kernel */
	uint64_t size;    /* its bytes in the file */
	uint64_t load;    /* guest address to load it at */
	uint64_t room;    /* bytes it needs there to start */
};

/*
 * Record that the kernel @path uses RAM up to @end, and the guest has @ram
 * bytes. Returns -ENOMEM.
 */
int boot_error_room(struct lend_ctx *ctx, const char *path, uint64_t end,
		    uint64_t ram);

/*
 * Check the first @length bytes of the image @path, a file of @file_size
 * bytes, and choose its load address in @ram_low bytes of low RAM. Pure.
 * Returns 0 or a recorded error.
 */
int boot_header_parse(struct lend_ctx *ctx, const char *path,
		      const uint8_t *bytes, size_t length, uint64_t file_size,
		      uint64_t ram_low, struct boot_header *header);

#endif
