/* SPDX-License-Identifier: MIT */
/* The context that every other object belongs to: where things are, and who is
 * told. */
#ifndef LEND_CONTEXT_H
#define LEND_CONTEXT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_ctx - what every other object belongs to
 *
 * Opaque, reference-counted. Keeps the record of the last failure.
 *
 * Since: 0.1
 */
struct lend_ctx;

/**
 * enum lend_log_level - how much a message matters
 *
 * Since: 0.1
 */
enum lend_log_level {
	LEND_LOG_WARNING, /* works, but not as well as it could */
	LEND_LOG_INFO,    /* what was chosen, and why */
	LEND_LOG_DEBUG,   /* for those who look into the library */
};

/**
 * struct lend_ctx_options - how a context is set up
 * @size:       sizeof(struct lend_ctx_options), so that it can grow
 * @sysfs:      where sysfs is mounted; NULL for "/sys"
 * @dev:        where device nodes are; NULL for "/dev"
 * @proc:       where procfs is mounted; NULL for "/proc"
 * @state:      directory for what must outlive the process, the record of
 *              bound devices; NULL for "/run/lend"
 * @log:        called for each message, from any thread; NULL for silence;
 *              a message is one line without control characters
 * @log_opaque: first argument of @log
 *
 * Strings are copied. The library reads no environment variable.
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
};

/**
 * lend_ctx_new() - make a context
 * @options: set-up, or NULL for a silent context on this machine
 * @ctx:     receives the context, with one reference, which
 *           lend_ctx_unref() drops
 *
 * A context and all that belongs to it may be used by several threads; the
 * record of the last failure is then that of whichever failed last. Devices
 * that they open and close side by side are reset side by side, once one is
 * open in the address space.
 *
 * Returns: 0, or
 * -EINVAL: @options->size is not set;
 * -E2BIG: @options has a member set that this library does not know;
 * -ENOMEM: not enough memory.
 *
 * Since: 0.1
 */
int lend_ctx_new(const struct lend_ctx_options *options, struct lend_ctx **ctx);

/**
 * lend_ctx_ref() - take a reference
 * @ctx: context
 *
 * Returns: @ctx.
 *
 * Since: 0.1
 */
struct lend_ctx *lend_ctx_ref(struct lend_ctx *ctx);

/**
 * lend_ctx_unref() - drop a reference
 * @ctx: context, or NULL
 *
 * The last one frees it. Objects made from a context hold references of their
 * own, so the order does not matter.
 *
 * Returns: NULL, for `ctx = lend_ctx_unref(ctx)`.
 *
 * Since: 0.1
 */
struct lend_ctx *lend_ctx_unref(struct lend_ctx *ctx);

/**
 * lend_log() - send a message where the context's messages go
 * @ctx:   context
 * @level: how much it matters
 * @fmt:   one line without '\n', in printf() style
 *
 * For programs built on the library. Costs nothing where no log function is
 * set.
 *
 * Since: 0.1
 */
void lend_log(struct lend_ctx *ctx, enum lend_log_level level, const char *fmt,
	      ...) __attribute__((format(printf, 3, 4)));

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
