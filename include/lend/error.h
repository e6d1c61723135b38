/* SPDX-License-Identifier: MIT */
/* What went wrong, as a record a program can act on and a person can read. */
#ifndef LEND_ERROR_H
#define LEND_ERROR_H

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct lend_ctx;

/**
 * enum lend_error_code - kinds of failure, stable across releases
 *
 * A number is never given a second meaning; new kinds are appended. The word
 * beside each is what lend_error_code_name() returns.
 *
 * Since: 0.1
 */
enum lend_error_code {
	LEND_ERROR_NONE = 0,        /* "none": nothing failed yet */
	LEND_ERROR_SYSTEM = 1,      /* "system": a system call failed */
	LEND_ERROR_ARGUMENT = 2,    /* "argument": bad input; correct it */
	LEND_ERROR_NO_DEVICE = 3,   /* "no-device": nothing has that name */
	LEND_ERROR_NO_GROUP = 4,    /* "no-group": no IOMMU group */
	LEND_ERROR_NOT_VIABLE = 5,  /* "not-viable": group has other users */
	LEND_ERROR_HOST_DRIVER = 6, /* "host-driver": not bound to VFIO */
	LEND_ERROR_BUSY = 7,        /* "busy": another process has it */
	LEND_ERROR_ATTACHED = 8,    /* "attached": this process has it */
	LEND_ERROR_PERMISSION = 9,  /* "permission": node not accessible */
	LEND_ERROR_MEMLOCK = 10,    /* "memlock": RLIMIT_MEMLOCK too low */
	LEND_ERROR_WRONG_TYPE = 11, /* "wrong-type": not a PCI device, … */
	LEND_ERROR_NO_VFIO = 12,    /* "no-vfio": VFIO is not loaded */
	LEND_ERROR_NO_IOMMU = 13,   /* "no-iommu": no usable IOMMU model */
	LEND_ERROR_DMA = 14,        /* "dma": an address cannot be mapped */
	LEND_ERROR_DEVICE = 15,     /* "device": its answers make no sense */
	LEND_ERROR_IN_USE = 16,     /* "in-use": the host itself uses it */
	LEND_ERROR_STATE = 17,      /* "state": saved state is unusable */
	LEND_ERROR_NO_KVM = 18,     /* "no-kvm": no hardware virtualisation */
	LEND_ERROR_IMAGE = 19,      /* "image": kernel image is unusable */
	LEND_ERROR_MEMORY = 20,     /* "memory": not enough memory */
	LEND_ERROR_PLACEMENT = 21,  /* "placement": address or slot is taken */
	LEND_ERROR_GUEST = 22,      /* "guest": the guest cannot go on */
	LEND_ERROR_LIMIT = 23,      /* "limit": a documented limit is met */
};

/**
 * struct lend_error - one failure: fact, evidence, smallest fix
 * @code:     kind of failure
 * @err:    errno value, positive, or 0 where no errno applies
 * @device:   device concerned, as the kernel calls it; "" if none
 * @what:     the fact, one line
 * @evidence: what was seen, lines separated by '\n'; "" if none
 * @remedy:   what to do, lines separated by '\n'; "" if nothing is known
 *
 * Strings are never NULL and hold no control character but '\n'. The record
 * belongs to the context and changes with the next call that fails on it.
 *
 * Since: 0.1
 */
struct lend_error {
	enum lend_error_code code;
	int error;
	const char *device;
	const char *what;
	const char *evidence;
	const char *remedy;
};

/**
 * lend_ctx_error() - the last failure on a context
 * @ctx: context
 *
 * Returns: the record, borrowed; its code is LEND_ERROR_NONE before the
 * first failure. Never NULL.
 *
 * Since: 0.1
 */
const struct lend_error *lend_ctx_error(const struct lend_ctx *ctx);

/**
 * lend_error_code_name() - stable word for a kind of failure
 * @code: kind of failure
 *
 * Returns: a constant lower-case word such as "not-viable"; "unknown" for a
 * number this release does not know.
 *
 * Since: 0.1
 */
const char *lend_error_code_name(enum lend_error_code code);

/**
 * lend_error_set() - record a failure
 * @ctx:    context
 * @code:   kind of failure
 * @err:  errno value, positive
 * @device: device concerned, or NULL
 * @fmt:    the fact, in printf() style
 *
 * For programs built on the library that want one place to look for the last
 * failure. Forgets the record before it, evidence and remedy included. Text
 * that is too long is cut.
 *
 * Returns: -@err, so that a caller can return it at once.
 *
 * Since: 0.1
 */
int lend_error_set(struct lend_ctx *ctx, enum lend_error_code code, int err,
		   const char *device, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/**
 * lend_error_evidence() - add a line of evidence to the record
 * @ctx: context
 * @fmt: one line, in printf() style
 *
 * Returns: minus the errno value of the record, as lend_error_set() did.
 *
 * Since: 0.1
 */
int lend_error_evidence(struct lend_ctx *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * lend_error_remedy() - add a line of remedy to the record
 * @ctx: context
 * @fmt: one line, in printf() style
 *
 * Returns: minus the errno value of the record, as lend_error_set() did.
 *
 * Since: 0.1
 */
int lend_error_remedy(struct lend_ctx *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
