/* SPDX-License-Identifier: MIT */
/* A stub kernel with one device and its device node, for fuzz targets: fast, in
 * memory, and aborting on misuse. */
#ifndef TESTS_FUZZ_STUB_H
#define TESTS_FUZZ_STUB_H

#include <stdatomic.h>

#include "input.h"
#include "lib/base/context.h"

/* Descriptors that are passed in; those of devices follow each other. */
#define STUB_IOMMUFD 1000
#define STUB_DEVICE  1001
#define STUB_DEVICES 2

#define STUB_REGIONS 9

enum stub_call {
	STUB_READ,
	STUB_WRITE,
	STUB_IOCTL,
	STUB_MAP,
	STUB_EVENT,
	STUB_KVM,
	STUB_CALLS,
};

/* Which calls of a kind fail: bit n is call n, and 32 + n, and so on. */
struct stub_faults {
	uint32_t pattern[STUB_CALLS];
	atomic_uint calls[STUB_CALLS];
	bool is_partial; /* the call does a part of the work instead */
};

struct stub {
	struct kernel kernel; /* first: what the library is given */
	struct lend_ctx *ctx;
	char *arena;                 /* of addresses for what is mapped */
	_Atomic uint64_t arena_used; /* from its start */
	atomic_uint maps;            /* mapped now */
	atomic_uint events;          /* eventfds open now */
	struct stub_faults faults;

	/* Callbacks of each target for ioctls and for the device's bytes. */
	int (*ioctl)(struct stub *stub, int fd, unsigned long request,
		     void *argument);
	void (*read)(struct stub *stub, int fd, uint64_t offset, void *data,
		     size_t size);
	struct input *input;
};

/* Created once and used for each input. */
struct stub *stub_get(void);

/* Takes the calls that fail from the input; without an input, none does. */
void stub_faults_set(struct stub *stub, struct input *input);

/* Counts a call: 0, or the error that it fails with (> 0). */
int stub_faults_next(struct stub *stub, enum stub_call call);

/* Aborts if anything is still open or mapped; what was mapped is free again. */
void stub_check_idle(struct stub *stub);

/* Aborts: @what must never happen. */
void stub_never(const char *what) __attribute__((noreturn));

#endif
