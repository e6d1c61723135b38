/* SPDX-License-Identifier: MIT */
/* Loads a kernel of a test into RAM, as a machine would. */
#ifndef TESTS_UNIT_VMM_X86_LOADING_H
#define TESTS_UNIT_VMM_X86_LOADING_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/boot/file.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"

#define LOADING_MIB UINT64_C(0x100000)

struct loading {
	struct lend_ctx *ctx;
	char kernel[32], initrd[32];
	uint8_t image[16384];
	size_t size; /* of the image */
	struct layout layout;
	struct memory memory;
	struct boot boot;
	uint64_t entry;
};

/* For cmocka: *@state is a struct loading with 64 MiB of RAM and 16 above 4
 * GiB. */
int loading_setup(void **state);
int loading_teardown(void **state);

/* Write @bytes to a file, of which @name receives the path. */
void loading_write(char *name, const void *bytes, size_t size);

/* Name the image, and @initrd unless it is NULL, as the guest's files. */
void loading_name(struct loading *l, const void *initrd, size_t size,
		  const char *append);

/* Open, check and load them, and delete them. Returns 0 or an error. */
int loading_try(struct loading *l, const void *initrd, size_t size,
		const char *append);

/* Load with an -append of @limit bytes, and fail with one byte more. */
void loading_try_cmdline(struct loading *l, size_t limit);

#endif
