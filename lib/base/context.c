// SPDX-License-Identifier: MIT
// Contexts: creation, references and log messages.

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/text.h>
#include <lend/version.h>

#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/base/survey.h"

static char *option_or(const char *option, const char *fallback)
{
	return strdup(option ? option : fallback);
}

static void ctx_free(struct lend_ctx *ctx)
{
	survey_close(ctx);
	pthread_mutex_destroy(&ctx->open_lock);
	error_close(ctx);
	free(atomic_load(&ctx->aliases));
	free(ctx->state);
	free(ctx->proc);
	free(ctx->dev);
	free(ctx->sysfs);
	free(ctx);
}

/* Chooses what a context calls. Returns 0, or -ENOTSUP for a table that is laid
 * out otherwise. */
static int ctx_choose_kernel(struct lend_ctx *ctx,
			     const struct lend_kernel *given,
			     const struct kernel *otherwise)
{
	if (given && (given->size != sizeof(*given->calls) ||
		      given->version != lend_version()))
		return -ENOTSUP;
	ctx->kernel = given ? given->calls : otherwise;
	return 0;
}

int ctx_new(const struct lend_ctx_options *options, const struct kernel *kernel,
	    struct lend_ctx **result)
{
	struct lend_ctx_options known = {0};
	struct lend_ctx *ctx;
	int err = sized_copy(NULL, NULL, &sized_ctx_options, &known, options);

	if (err)
		return err;
	ctx = calloc(1, sizeof(*ctx));
	if (!ctx)
		return -ENOMEM;
	ctx->refs = 1;
	error_open(ctx);
	pthread_mutex_init(&ctx->survey_lock, NULL);
	pthread_mutex_init(&ctx->open_lock, NULL);

	ctx->sysfs = option_or(known.sysfs, CTX_SYSFS);
	ctx->dev = option_or(known.dev, "/dev");
	ctx->proc = option_or(known.proc, "/proc");
	ctx->state = option_or(known.state, "/run/lend");
	ctx->modules = "/lib/modules";
	ctx->log = known.log;
	ctx->log_opaque = known.log_opaque;
	err = ctx_choose_kernel(ctx, known.kernel, kernel);
	if (!ctx->sysfs || !ctx->dev || !ctx->proc || !ctx->state)
		err = -ENOMEM;
	if (err)
		ctx_free(ctx);
	else
		*result = ctx;
	return err;
}

int lend_ctx_new(const struct lend_ctx_options *options, struct lend_ctx **ctx)
{
	return ctx_new(options, kernel_real(), ctx);
}

struct lend_ctx *lend_ctx_ref(struct lend_ctx *ctx)
{
	atomic_fetch_add_explicit(&ctx->refs, 1, memory_order_relaxed);
	return ctx;
}

struct lend_ctx *lend_ctx_unref(struct lend_ctx *ctx)
{
	if (ctx &&
	    atomic_fetch_sub_explicit(&ctx->refs, 1, memory_order_acq_rel) == 1)
		ctx_free(ctx);
	return NULL;
}

void lend_ctx_confine(struct lend_ctx *ctx)
{
	atomic_store(&ctx->is_confined, true);
}

void lend_vlog(struct lend_ctx *ctx, enum lend_log_level level, const char *fmt,
	       va_list args)
{
	char text[1024];

	if (!ctx->log)
		return;
	vsnprintf(text, sizeof(text), fmt, args);
	lend_text_clean(text);
	ctx->log(ctx->log_opaque, level, text);
}

void lend_log(struct lend_ctx *ctx, enum lend_log_level level, const char *fmt,
	      ...)
{
	va_list args;

	va_start(args, fmt);
	lend_vlog(ctx, level, fmt, args);
	va_end(args);
}
