/* SPDX-License-Identifier: MIT */
/* The context that every other object belongs to: paths of the host's file
 * systems, and where messages go. */
#ifndef LEND_CONTEXT_H
#define LEND_CONTEXT_H

#include <stdarg.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/*
 * Threads. Several threads may call the library at once, on one context and on
 * one object, unless a function's description excludes it. A thread must not
 * drop the last reference to an object that another thread uses. Each thread
 * has a record of its last failure (lend_ctx_error()). The library starts no
 * thread and installs no signal handler.
 *
 * Ownership. A function that makes an object gives the caller one reference. A
 * borrowed pointer is valid until the object it was asked of is freed, unless
 * the function's description says otherwise. Strings that the caller passes are
 * copied where the library needs them after the function returns.
 *
 * Failures. After a failure, an object or a number that the function would have
 * stored through a pointer is unchanged, unless the function's description says
 * otherwise.
 */

/**
 * struct lend_ctx - a context
 *
 * Opaque and reference-counted. It holds the paths, the log function, the
 * records of failures, and the list of the devices that are open in it.
 *
 * Since: 0.1
 */
struct lend_ctx;

/**
 * enum lend_log_level - how important a message is
 * @LEND_LOG_WARNING: something works, but worse than it could, or a failure was
 *                    ignored
 * @LEND_LOG_INFO:    what was chosen, and why
 * @LEND_LOG_DEBUG:   details for debugging the library
 * @LEND_LOG_PROGRESS: what a call waits for that has taken two seconds, or how
 *                    far it is: for somebody who watches a terminal
 *
 * Since: 0.1
 */
enum lend_log_level {
	LEND_LOG_WARNING = 0,
	LEND_LOG_INFO = 1,
	LEND_LOG_DEBUG = 2,
	LEND_LOG_PROGRESS = 3,
};

/**
 * struct lend_kernel - what a context calls in place of the running kernel
 *
 * Opaque. lend_test_options() provides one. Its contents belong to one release
 * of the library, which refuses that of another.
 *
 * Since: 0.1
 */
struct lend_kernel;

/**
 * struct lend_ctx_options - options of a context
 * @size:       sizeof(struct lend_ctx_options)
 * @sysfs:      where sysfs is mounted; NULL for "/sys"
 * @dev:        directory of the device nodes; NULL for "/dev"
 * @proc:       where procfs is mounted; NULL for "/proc"
 * @state:      directory for the records of bound devices, which must outlive
 *              the process; NULL for "/run/lend"
 * @log:        function that receives each message, one line without control
 *              characters; NULL to discard messages
 * @log_opaque: first argument of @log
 * @kernel:     what the context calls in place of the running kernel, borrowed
 *              until the context is freed; NULL for the running kernel
 *
 * Strings are copied. The library reads no environment variable.
 *
 * @log is called from the thread whose call caused the message, and by several
 * threads at once. The library may hold locks: @log must not call the library.
 *
 * Since: 0.1
 */
struct lend_ctx_options {
	size_t size;
	const char *sysfs;
	const char *dev;
	const char *proc;
	const char *state;
	void (*log)(void *opaque, enum lend_log_level level, const char *text);
	void *log_opaque;
	const struct lend_kernel *kernel;
};

/**
 * lend_ctx_new() - create a context
 * @options: options, or NULL for the defaults
 * @ctx:     receives the context, with one reference; lend_ctx_unref() drops it
 *
 * Makes no system call. The paths are not checked.
 *
 * There is no context yet to record a failure in.
 *
 * Returns: 0, or
 * -EINVAL: @options->size is not the structure's size; set it;
 * -E2BIG: @options has a member set that this library does not know; use a
 * newer library, or leave the member 0;
 * -ENOTSUP: @options->kernel is that of another release; use the liblend-test
 * that was built with this library;
 * -ENOMEM: not enough memory.
 *
 * Since: 0.1
 */
int lend_ctx_new(const struct lend_ctx_options *options, struct lend_ctx **ctx);

/**
 * lend_ctx_ref() - take a reference to a context
 * @ctx: context
 *
 * Returns: @ctx; lend_ctx_unref() drops the reference. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_ctx *lend_ctx_ref(struct lend_ctx *ctx);

/**
 * lend_ctx_unref() - drop a reference to a context
 * @ctx: context, or NULL
 *
 * The last reference frees it. Objects that belong to the context hold
 * references of their own: the order in which they are dropped does not matter.
 *
 * Returns: NULL, for `ctx = lend_ctx_unref(ctx)`. Cannot fail.
 *
 * Since: 0.1
 */
struct lend_ctx *lend_ctx_unref(struct lend_ctx *ctx);

/**
 * lend_log() - send a message to the context's log function
 * @ctx:   context
 * @level: how important the message is
 * @fmt:   one line without '\n', in printf() style
 *
 * For programs that want their messages in the same place as the library's.
 * Control characters become '?' (lend_text_clean()); text beyond 1023 bytes is
 * cut. Without a log function nothing is formatted.
 *
 * Since: 0.1
 */
void lend_log(struct lend_ctx *ctx, enum lend_log_level level, const char *fmt,
	      ...) __attribute__((format(printf, 3, 4)));

/**
 * lend_vlog() - send a message to the log function, with a list of arguments
 * @ctx:   context
 * @level: how important the message is
 * @fmt:   one line without '\n', in printf() style
 * @args:  arguments of @fmt
 *
 * As lend_log().
 *
 * Since: 0.1
 */
void lend_vlog(struct lend_ctx *ctx, enum lend_log_level level, const char *fmt,
	       va_list args) __attribute__((format(printf, 3, 0)));

/**
 * lend_ctx_confine() - have the library open no path from now on
 * @ctx: context
 *
 * For a program that is about to enter a sandbox, where an attempt to open a
 * path ends it. What a call would read in sysfs or procfs then counts as
 * unreadable: the reset method that an administrator chose is unknown, and
 * messages have less evidence. Objects that are open stay usable.
 *
 * Functions that find, open, list, bind or check devices require paths: do not
 * call them any more, except to open a device by a descriptor that is passed
 * in, in an address space that is open.
 *
 * Makes no system call. Cannot be undone. May be called at any time by any
 * thread. Cannot fail.
 *
 * Since: 0.1
 */
void lend_ctx_confine(struct lend_ctx *ctx);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
