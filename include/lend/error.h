/* SPDX-License-Identifier: MIT */
/* The record of the last failure: a code for programs, and text for people. */
#ifndef LEND_ERROR_H
#define LEND_ERROR_H

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct lend_ctx;

/**
 * enum lend_error_code - kind of failure
 * @LEND_ERROR_NONE:        "none": nothing has failed yet
 * @LEND_ERROR_SYSTEM:      "system": a system call failed
 * @LEND_ERROR_ARGUMENT:    "argument": invalid input; correct it
 * @LEND_ERROR_NO_DEVICE:   "no-device": no device has that name
 * @LEND_ERROR_NO_GROUP:    "no-group": the device has no IOMMU group
 * @LEND_ERROR_NOT_VIABLE:  "not-viable": a host driver is bound to another
 *                          device of the IOMMU group
 * @LEND_ERROR_HOST_DRIVER: "host-driver": not bound to a VFIO driver, or not
 *                          bound to the host driver that was wanted
 * @LEND_ERROR_BUSY:        "busy": in use by another process
 * @LEND_ERROR_ATTACHED:    "attached": in use by this process already, or a
 *                          name that exists already
 * @LEND_ERROR_PERMISSION:  "permission": access is denied
 * @LEND_ERROR_MEMLOCK:     "memlock": RLIMIT_MEMLOCK is too low
 * @LEND_ERROR_WRONG_TYPE:  "wrong-type": the device is of another type
 * @LEND_ERROR_NO_VFIO:     "no-vfio": VFIO, or a node of it, does not exist
 * @LEND_ERROR_NO_IOMMU:    "no-iommu": no usable IOMMU
 * @LEND_ERROR_DMA:         "dma": an address cannot be mapped for DMA
 * @LEND_ERROR_DEVICE:      "device": the device or the kernel returned invalid
 *                          data, or the device failed
 * @LEND_ERROR_IN_USE:      "in-use": the host itself uses the device
 * @LEND_ERROR_STATE:       "state": no usable record of a bound device
 * @LEND_ERROR_NO_KVM:      "no-kvm": hardware virtualization is unavailable
 * @LEND_ERROR_IMAGE:       "image": unusable kernel image
 * @LEND_ERROR_MEMORY:      "memory": not enough memory
 * @LEND_ERROR_PLACEMENT:   "placement": no free address or slot
 * @LEND_ERROR_GUEST:       "guest": the guest cannot continue
 * @LEND_ERROR_LIMIT:       "limit": a documented limit is reached
 *
 * The quoted word is what lend_error_code_name() returns. Numbers and words do
 * not change between releases; later releases append constants.
 *
 * LEND_ERROR_IMAGE and LEND_ERROR_GUEST are for virtual machine monitors, which
 * record their own failures with lend_error_set(); no function of the library
 * fails with them.
 *
 * Since: 0.1
 */
enum lend_error_code {
	LEND_ERROR_NONE = 0,
	LEND_ERROR_SYSTEM = 1,
	LEND_ERROR_ARGUMENT = 2,
	LEND_ERROR_NO_DEVICE = 3,
	LEND_ERROR_NO_GROUP = 4,
	LEND_ERROR_NOT_VIABLE = 5,
	LEND_ERROR_HOST_DRIVER = 6,
	LEND_ERROR_BUSY = 7,
	LEND_ERROR_ATTACHED = 8,
	LEND_ERROR_PERMISSION = 9,
	LEND_ERROR_MEMLOCK = 10,
	LEND_ERROR_WRONG_TYPE = 11,
	LEND_ERROR_NO_VFIO = 12,
	LEND_ERROR_NO_IOMMU = 13,
	LEND_ERROR_DMA = 14,
	LEND_ERROR_DEVICE = 15,
	LEND_ERROR_IN_USE = 16,
	LEND_ERROR_STATE = 17,
	LEND_ERROR_NO_KVM = 18,
	LEND_ERROR_IMAGE = 19,
	LEND_ERROR_MEMORY = 20,
	LEND_ERROR_PLACEMENT = 21,
	LEND_ERROR_GUEST = 22,
	LEND_ERROR_LIMIT = 23,
};

/**
 * struct lend_error - one failure: fact, evidence and remedy
 * @code:     kind of failure
 * @err:      errno value, positive; 0 before the first failure
 * @device:   the kernel's name of the device concerned; "" if none
 * @what:     the fact, one line
 * @evidence: what was seen, lines separated by '\n'; "" if nothing
 * @remedy:   what to do, lines separated by '\n'; "" if nothing is known
 *
 * No string is NULL. None has a control character other than '\n', and all are
 * valid UTF-8. Text that does not fit is cut: @device at 127 bytes, @what at
 * 511, @evidence at 4095, @remedy at 1023.
 *
 * Made by the library alone; may grow at its end.
 *
 * Since: 0.1
 */
struct lend_error {
	enum lend_error_code code;
	int err;
	const char *device;
	const char *what;
	const char *evidence;
	const char *remedy;
};

/**
 * lend_ctx_error() - get the record of the last failure on a context
 * @ctx: context
 *
 * Each thread has a record of its own in a context: it holds the last failure
 * of a function that this thread called. The next failure in this thread
 * overwrites it, at the same address. It is valid until the context is freed or
 * the thread ends. lend_error_copy() and lend_error_restore() pass a record to
 * another thread.
 *
 * The record has a meaning after a failure alone: a function that succeeds may
 * have changed it. Functions whose failures a guest can cause at will make no
 * record; their descriptions say so.
 *
 * Returns: the record, borrowed, never NULL; its code is LEND_ERROR_NONE before
 * the thread's first failure, and LEND_ERROR_MEMORY if there is no memory for
 * the record itself.
 *
 * Since: 0.1
 */
const struct lend_error *lend_ctx_error(const struct lend_ctx *ctx);

/**
 * lend_error_code_name() - get the word for a kind of failure
 * @code: kind of failure
 *
 * Returns: a constant lower-case word such as "not-viable", the same in all
 * releases; "unknown" for a number that this release does not know.
 *
 * Since: 0.1
 */
const char *lend_error_code_name(enum lend_error_code code);

/** Bytes of the longest text that lend_error_format() makes of a record.
 * Since: 0.1 */
#define LEND_ERROR_TEXT 16384

/**
 * lend_error_format() - write a record as text
 * @error:  record, such as lend_ctx_error() or lend_error_copy() returns
 * @buffer: receives the text, terminated by NUL, and cut at a character if it
 *          does not fit; may be NULL if @size is 0
 * @size:   bytes of @buffer; LEND_ERROR_TEXT is always enough
 *
 * As lend(1) prints it: the device, a colon and the fact in the first line; a
 * line for each line of evidence, indented by two blanks; the first line of the
 * remedy after "Fix: ", its other lines below that. The last line has no
 * newline at its end. The remedies of the library name commands of lend(1); a
 * program that does not come with it decides by @code what to show instead.
 *
 * Returns: the length of the whole text in bytes, without the NUL; it was cut
 * if that is not less than @size. Cannot fail.
 *
 * Since: 0.1
 */
size_t lend_error_format(const struct lend_error *error, char *buffer,
			 size_t size);

/**
 * lend_error_set() - record a failure
 * @ctx:    context
 * @code:   kind of failure
 * @err:    errno value, positive
 * @device: device concerned, or NULL
 * @fmt:    the fact, one line, in printf() style
 *
 * For programs that keep their own failures in the same record as the
 * library's. Replaces the previous record, its evidence and remedy included.
 *
 * Returns: -@err.
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
 * Returns: the record's errno value, negated, as lend_error_set() returned it.
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
 * Returns: the record's errno value, negated, as lend_error_set() returned it.
 *
 * Since: 0.1
 */
int lend_error_remedy(struct lend_ctx *ctx, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * lend_error_vset() - record a failure, with a list of arguments
 * @ctx:    context
 * @code:   kind of failure
 * @err:    errno value, positive
 * @device: device concerned, or NULL
 * @fmt:    the fact, one line, in printf() style
 * @args:   arguments of @fmt
 *
 * As lend_error_set().
 *
 * Returns: -@err.
 *
 * Since: 0.1
 */
int lend_error_vset(struct lend_ctx *ctx, enum lend_error_code code, int err,
		    const char *device, const char *fmt, va_list args)
	__attribute__((format(printf, 5, 0)));

/**
 * lend_error_vevidence() - add a line of evidence, with a list of arguments
 * @ctx:  context
 * @fmt:  one line, in printf() style
 * @args: arguments of @fmt
 *
 * As lend_error_evidence().
 *
 * Returns: the record's errno value, negated.
 *
 * Since: 0.1
 */
int lend_error_vevidence(struct lend_ctx *ctx, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

/**
 * lend_error_vremedy() - add a line of remedy, with a list of arguments
 * @ctx:  context
 * @fmt:  one line, in printf() style
 * @args: arguments of @fmt
 *
 * As lend_error_remedy().
 *
 * Returns: the record's errno value, negated.
 *
 * Since: 0.1
 */
int lend_error_vremedy(struct lend_ctx *ctx, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

/**
 * lend_error_copy() - copy the calling thread's record of the last failure
 * @ctx: context
 *
 * For a failure that another thread reports, and for calls that may fail before
 * the record is read.
 *
 * Returns: a copy, for lend_error_free(), which does not depend on the context;
 * NULL if there is not enough memory.
 *
 * Since: 0.1
 */
struct lend_error *lend_error_copy(struct lend_ctx *ctx);

/**
 * lend_error_restore() - make a copy the calling thread's record
 * @ctx:  context, the copied one or another
 * @copy: what lend_error_copy() returned, in any thread; it stays the caller's
 *
 * Returns: the record's errno value, negated.
 *
 * Since: 0.1
 */
int lend_error_restore(struct lend_ctx *ctx, const struct lend_error *copy);

/**
 * lend_error_free() - free a copy of a record
 * @copy: what lend_error_copy() returned, or NULL
 *
 * Cannot fail.
 *
 * Since: 0.1
 */
void lend_error_free(struct lend_error *copy);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
