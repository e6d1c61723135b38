/* SPDX-License-Identifier: MIT */
/* Identifies a file that was given as a kernel or initrd but is not one. */
#ifndef VMM_BOOT_KIND_H
#define VMM_BOOT_KIND_H

#include <stddef.h>
#include <stdint.h>

struct lend_ctx;

/* The kernel format of this architecture, for messages. */
struct boot_format {
	const char *name;   /* "a Linux bzImage" */
	const char *file;   /* "the bzImage (arch/x86/boot/bzImage)" */
	const char *kernel; /* "an x86-64 kernel" */
};

/*
 * Record that the file @path, which starts with @bytes, is not of @format, and
 * report its actual type, if known. Returns -ENOEXEC.
 */
int boot_not_a_kernel(struct lend_ctx *ctx, const char *path,
		      const uint8_t *bytes, size_t length,
		      const struct boot_format *format);

/*
 * Check that the file @path, which starts with @bytes, is not of a kind that
 * never is an initrd. Returns 0, or a recorded error.
 */
int boot_check_initrd(struct lend_ctx *ctx, const char *path,
		      const uint8_t *bytes, size_t length);

#endif
