// SPDX-License-Identifier: MIT
// The error records of a context's threads: a thread reads its own failure,
// whatever fails in others.

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/base/context.h"
#include "lib/base/error-slots.h"

static void slot_clear(struct error_slot *slot)
{
	struct error_record *e = &slot->record;

	e->public = (struct lend_error){
		.code = LEND_ERROR_NONE,
		.device = e->device,
		.what = e->what,
		.evidence = e->evidence,
		.remedy = e->remedy,
	};
	e->device[0] = e->what[0] = e->evidence[0] = e->remedy[0] = '\0';
}

void error_open(struct lend_ctx *ctx)
{
	pthread_mutex_init(&ctx->error_lock, NULL);
	slot_clear(&ctx->error);
}

void error_close(struct lend_ctx *ctx)
{
	struct error_slot *slot = ctx->error.next;

	while (slot) {
		struct error_slot *next = slot->next;

		free(slot);
		slot = next;
	}
	pthread_mutex_destroy(&ctx->error_lock);
}

static pid_t slot_own_id(void)
{
	return (pid_t)syscall(SYS_gettid);
}

/* A thread that has ended cannot read its record. In the child of a fork() no
 * other thread exists. */
static bool slot_is_unused(const struct error_slot *slot)
{
	return !slot->thread ||
	       (syscall(SYS_tgkill, getpid(), slot->thread, 0) < 0 &&
		errno == ESRCH);
}

static struct error_slot *slot_find_own(struct lend_ctx *ctx)
{
	struct error_slot *slot;

	for (slot = &ctx->error; slot; slot = slot->next)
		if (slot->thread && pthread_equal(slot->owner, pthread_self()))
			return slot;
	return NULL;
}

static struct error_slot *slot_add(struct lend_ctx *ctx)
{
	struct error_slot *slot = &ctx->error;

	while (slot && !slot_is_unused(slot))
		slot = slot->next;
	if (!slot) {
		slot = malloc(sizeof(*slot));
		if (!slot) {
			ctx->error_is_lost = true;
			return NULL;
		}
		slot->next = ctx->error.next;
		ctx->error.next = slot;
	}
	slot_clear(slot);
	slot->owner = pthread_self();
	slot->thread = slot_own_id();
	return slot;
}

/* A new thread may have the handle of one that has ended: its slot counts as
 * unused until its own number stands there. */
static struct error_slot *slot_get(struct lend_ctx *ctx, bool is_new)
{
	struct error_slot *slot = slot_find_own(ctx);

	if (!slot)
		return is_new ? slot_add(ctx) : NULL;
	if (is_new)
		slot->thread = slot_own_id();
	return slot;
}

struct error_record *error_slots_lock(struct lend_ctx *ctx, bool is_new)
{
	struct error_slot *slot;

	pthread_mutex_lock(&ctx->error_lock);
	slot = slot_get(ctx, is_new);
	return slot ? &slot->record : NULL;
}

void error_slots_unlock(struct lend_ctx *ctx)
{
	pthread_mutex_unlock(&ctx->error_lock);
}

const struct lend_error *error_slots_read(const struct lend_ctx *ctx)
{
	static const struct lend_error none = {
		LEND_ERROR_NONE, 0, "", "", "", "",
	};
	static const struct lend_error lost = {
		LEND_ERROR_MEMORY,
		ENOMEM,
		"",
		"not enough memory for the record of the failure",
		"",
		"",
	};
	/* The records are no part of what a caller sees as constant. */
	struct lend_ctx *c = (struct lend_ctx *)(uintptr_t)ctx;
	const struct error_record *e = error_slots_lock(c, true);
	bool is_lost = ctx->error_is_lost;

	error_slots_unlock(c);
	if (e)
		return &e->public;
	return is_lost ? &lost : &none;
}
