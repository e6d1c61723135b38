/* SPDX-License-Identifier: MIT */
/* Tells what a file is that was given as a kernel and is none. */
#ifndef VMM_BOOT_KIND_H
#define VMM_BOOT_KIND_H

#include <stddef.h>
#include <stdint.h>

struct lend_ctx;

/* What a guest of this architecture boots, in words. */
struct boot_format {
	const char *name;   /* "a Linux bzImage" */
	const char *file;   /* "the bzImage (arch/x86/boot/bzImage)" */
	const char *kernel; /* "an x86-64 kernel" */
};

/* Record that the file @path, which starts with @bytes, is not of @format,
 * with what it seems to be instead. Returns -ENOEXEC. */
int boot_not_a_kernel(struct lend_ctx *ctx, const char *path,
		      const uint8_t *bytes, size_t length,
		      const struct boot_format *format);

#endif
