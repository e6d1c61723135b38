// SPDX-License-Identifier: MIT
// The record of the last failure: fact, evidence, smallest fix.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lend/text.h>

#include "lib/base/context.h"

static const char *const code_names[] = {
	[LEND_ERROR_NONE] = "none",
	[LEND_ERROR_SYSTEM] = "system",
	[LEND_ERROR_ARGUMENT] = "argument",
	[LEND_ERROR_NO_DEVICE] = "no-device",
	[LEND_ERROR_NO_GROUP] = "no-group",
	[LEND_ERROR_NOT_VIABLE] = "not-viable",
	[LEND_ERROR_HOST_DRIVER] = "host-driver",
	[LEND_ERROR_BUSY] = "busy",
	[LEND_ERROR_ATTACHED] = "attached",
	[LEND_ERROR_PERMISSION] = "permission",
	[LEND_ERROR_MEMLOCK] = "memlock",
	[LEND_ERROR_WRONG_TYPE] = "wrong-type",
	[LEND_ERROR_NO_VFIO] = "no-vfio",
	[LEND_ERROR_NO_IOMMU] = "no-iommu",
	[LEND_ERROR_DMA] = "dma",
	[LEND_ERROR_DEVICE] = "device",
	[LEND_ERROR_IN_USE] = "in-use",
	[LEND_ERROR_STATE] = "state",
	[LEND_ERROR_NO_KVM] = "no-kvm",
	[LEND_ERROR_IMAGE] = "image",
	[LEND_ERROR_MEMORY] = "memory",
	[LEND_ERROR_PLACEMENT] = "placement",
	[LEND_ERROR_GUEST] = "guest",
	[LEND_ERROR_LIMIT] = "limit",
};

const char *lend_error_code_name(enum lend_error_code code)
{
	if ((unsigned int)code >= sizeof(code_names) / sizeof(code_names[0]) ||
	    !code_names[code])
		return "unknown";
	return code_names[code];
}

const struct lend_error *lend_ctx_error(const struct lend_ctx *ctx)
{
	return &ctx->error.public;
}

static void append_line(char *text, size_t size, const char *fmt, va_list args)
{
	size_t used = strlen(text);

	if (used && used + 1 < size) {
		text[used++] = '\n';
		text[used] = '\0';
	}
	if (used + 1 >= size)
		return;
	vsnprintf(text + used, size - used, fmt, args);
	lend_text_clean(text + used);
}

static void error_fill_record(struct lend_ctx *ctx, enum lend_error_code code,
			      int err, const char *device, const char *fmt,
			      va_list args)
{
	struct error_record *e = &ctx->error;

	e->public.code = code;
	e->public.err = err;
	snprintf(e->device, sizeof(e->device), "%s", device ? device : "");
	lend_text_clean(e->device);
	e->what[0] = e->evidence[0] = e->remedy[0] = '\0';
	append_line(e->what, sizeof(e->what), fmt, args);
}

int lend_error_set(struct lend_ctx *ctx, enum lend_error_code code, int err,
		   const char *device, const char *fmt, ...)
{
	va_list args;

	pthread_mutex_lock(&ctx->error_lock);
	va_start(args, fmt);
	error_fill_record(ctx, code, err, device, fmt, args);
	va_end(args);
	pthread_mutex_unlock(&ctx->error_lock);
	return -err;
}

int lend_error_evidence(struct lend_ctx *ctx, const char *fmt, ...)
{
	struct error_record *e = &ctx->error;
	va_list args;
	int err;

	pthread_mutex_lock(&ctx->error_lock);
	va_start(args, fmt);
	append_line(e->evidence, sizeof(e->evidence), fmt, args);
	va_end(args);
	err = e->public.err;
	pthread_mutex_unlock(&ctx->error_lock);
	return -err;
}

int lend_error_remedy(struct lend_ctx *ctx, const char *fmt, ...)
{
	struct error_record *e = &ctx->error;
	va_list args;
	int err;

	pthread_mutex_lock(&ctx->error_lock);
	va_start(args, fmt);
	append_line(e->remedy, sizeof(e->remedy), fmt, args);
	va_end(args);
	err = e->public.err;
	pthread_mutex_unlock(&ctx->error_lock);
	return -err;
}

int error_system(struct lend_ctx *ctx, int err, const char *device,
		 const char *fmt, ...)
{
	struct error_record *e = &ctx->error;
	va_list args;
	size_t used;

	pthread_mutex_lock(&ctx->error_lock);
	va_start(args, fmt);
	error_fill_record(ctx, LEND_ERROR_SYSTEM, err, device, fmt, args);
	va_end(args);
	used = strlen(e->what);
	snprintf(e->what + used, sizeof(e->what) - used, ": %s", strerror(err));
	pthread_mutex_unlock(&ctx->error_lock);
	return -err;
}

int error_no_memory(struct lend_ctx *ctx, const char *device)
{
	return lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, device,
			      "not enough memory");
}

void error_save(struct lend_ctx *ctx, struct error_record *saved)
{
	pthread_mutex_lock(&ctx->error_lock);
	*saved = ctx->error;
	pthread_mutex_unlock(&ctx->error_lock);
}

void error_reinstate(struct lend_ctx *ctx, const struct error_record *saved)
{
	pthread_mutex_lock(&ctx->error_lock);
	/* The strings of saved->public are those of ctx->error already. */
	ctx->error = *saved;
	pthread_mutex_unlock(&ctx->error_lock);
}
