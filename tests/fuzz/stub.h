/* SPDX-License-Identifier: MIT */
/* A stub kernel with one device and its device node, for fuzz targets: fast, in
 * memory, and aborting on misuse. */
#ifndef TESTS_FUZZ_STUB_H
#define TESTS_FUZZ_STUB_H

#include "input.h"
#include "lib/base/context.h"

/* Descriptors that are passed in. */
#define STUB_IOMMUFD 1000
#define STUB_DEVICE  1001

#define STUB_REGIONS 9

struct stub {
	struct kernel kernel; /* first: what the library is given */
	struct lend_ctx *ctx;
	unsigned int maps;   /* mapped now */
	unsigned int events; /* eventfds open now */

	/* Callbacks of each target for ioctls and for the device's bytes. */
	int (*ioctl)(struct stub *stub, int fd, unsigned long request,
		     void *argument);
	void (*read)(struct stub *stub, uint64_t offset, void *data,
		     size_t size);
	struct input *input;
};

/* Created once and used for each input. */
struct stub *stub_get(void);

/* Aborts if anything is still open or mapped. */
void stub_check_idle(const struct stub *stub);

/* Aborts: @what must never happen. */
void stub_never(const char *what) __attribute__((noreturn));

#endif
