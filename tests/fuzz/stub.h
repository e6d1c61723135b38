/* SPDX-License-Identifier: MIT */
/* A kernel of one device with a node of its own, for fuzz targets: in memory
 * alone, and quick. What the library must never do ends the run. */
#ifndef TESTS_FUZZ_STUB_H
#define TESTS_FUZZ_STUB_H

#include "input.h"
#include "lib/base/context.h"

/* Descriptors as they are passed in. */
#define STUB_IOMMUFD 1000
#define STUB_DEVICE  1001

#define STUB_REGIONS 9

struct stub {
	struct kernel kernel; /* first: what the library is given */
	struct lend_ctx *ctx;
	unsigned int maps;   /* mapped now */
	unsigned int events; /* eventfds open now */

	/* Where the answers to ioctls and the device's bytes come from, for
	 * each target to say. */
	int (*ioctl)(struct stub *stub, int fd, unsigned long request,
		     void *argument);
	void (*read)(struct stub *stub, uint64_t offset, void *data,
		     size_t size);
	struct input *input;
};

/* Made once, used for each input. */
struct stub *stub_get(void);

/* Ends the run where something is still open or mapped. */
void stub_check_idle(const struct stub *stub);

/* Ends the run: @what must never be. */
void stub_never(const char *what) __attribute__((noreturn));

#endif
