// SPDX-License-Identifier: MIT
// The record of the last failure: fact, evidence, smallest fix.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/text.h>

#include "lib/base/context.h"
#include "lib/base/error-slots.h"

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

const struct lend_error *lend_ctx_error(const struct lend_ctx *ctx)
{
	return error_slots_read(ctx);
}

int lend_error_vset(struct lend_ctx *ctx, enum lend_error_code code, int err,
		    const char *device, const char *fmt, va_list args)
{
	struct error_record *e = error_slots_lock(ctx, true);

	if (e) {
		e->public.code = code;
		e->public.err = err;
		snprintf(e->device, sizeof(e->device), "%s",
			 device ? device : "");
		lend_text_clean(e->device);
		e->what[0] = e->evidence[0] = e->remedy[0] = '\0';
		append_line(e->what, sizeof(e->what), fmt, args);
	}
	error_slots_unlock(ctx);
	return -err;
}

int lend_error_set(struct lend_ctx *ctx, enum lend_error_code code, int err,
		   const char *device, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	lend_error_vset(ctx, code, err, device, fmt, args);
	va_end(args);
	return -err;
}

int lend_error_vevidence(struct lend_ctx *ctx, const char *fmt, va_list args)
{
	struct error_record *e = error_slots_lock(ctx, false);
	int err = e ? e->public.err : ENOMEM;

	if (e)
		append_line(e->evidence, sizeof(e->evidence), fmt, args);
	error_slots_unlock(ctx);
	return -err;
}

int lend_error_evidence(struct lend_ctx *ctx, const char *fmt, ...)
{
	va_list args;
	int err;

	va_start(args, fmt);
	err = lend_error_vevidence(ctx, fmt, args);
	va_end(args);
	return err;
}

int lend_error_vremedy(struct lend_ctx *ctx, const char *fmt, va_list args)
{
	struct error_record *e = error_slots_lock(ctx, false);
	int err = e ? e->public.err : ENOMEM;

	if (e)
		append_line(e->remedy, sizeof(e->remedy), fmt, args);
	error_slots_unlock(ctx);
	return -err;
}

int lend_error_remedy(struct lend_ctx *ctx, const char *fmt, ...)
{
	va_list args;
	int err;

	va_start(args, fmt);
	err = lend_error_vremedy(ctx, fmt, args);
	va_end(args);
	return err;
}

int error_system(struct lend_ctx *ctx, int err, const char *device,
		 const char *fmt, ...)
{
	struct error_record *e;
	va_list args;
	size_t used;

	va_start(args, fmt);
	lend_error_vset(ctx, LEND_ERROR_SYSTEM, err, device, fmt, args);
	va_end(args);
	e = error_slots_lock(ctx, false);
	used = e ? strlen(e->what) : 0;
	if (e)
		snprintf(e->what + used, sizeof(e->what) - used, ": %s",
			 strerror(err));
	error_slots_unlock(ctx);
	return -err;
}

int error_no_memory(struct lend_ctx *ctx, const char *device)
{
	return lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, device,
			      "not enough memory");
}

/* The strings of a record are its own: a copy has pointers to its own. */
static void error_copy_record(struct error_record *to,
			      const struct error_record *from)
{
	*to = *from;
	to->public.device = to->device;
	to->public.what = to->what;
	to->public.evidence = to->evidence;
	to->public.remedy = to->remedy;
}

void error_save(struct lend_ctx *ctx, struct error_record *saved)
{
	struct error_record *e = error_slots_lock(ctx, false);

	if (e)
		error_copy_record(saved, e);
	else
		*saved = (struct error_record){0};
	error_slots_unlock(ctx);
}

/* A thread without a record needs none for a failure that it did not have. */
void error_reinstate(struct lend_ctx *ctx, const struct error_record *saved)
{
	struct error_record *e =
		error_slots_lock(ctx, saved->public.code != LEND_ERROR_NONE);

	if (e)
		error_copy_record(e, saved);
	error_slots_unlock(ctx);
}

struct lend_error *lend_error_copy(struct lend_ctx *ctx)
{
	struct error_record *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	error_save(ctx, copy);
	return &copy->public;
}

int lend_error_restore(struct lend_ctx *ctx, const struct lend_error *copy)
{
	error_reinstate(ctx, (const struct error_record *)(const void *)copy);
	return -copy->err;
}

void lend_error_free(struct lend_error *copy)
{
	free(copy);
}
