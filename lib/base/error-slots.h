/* SPDX-License-Identifier: MIT */
/* The error records of a context's threads. */
#ifndef LIB_BASE_ERROR_SLOTS_H
#define LIB_BASE_ERROR_SLOTS_H

#include <stdbool.h>

#include <lend/error.h>

struct error_record;

/*
 * Locks the records, and returns the calling thread's. With @is_new, the record
 * is about to be filled in, and is made if the thread has none; NULL if there
 * is no memory. Always to be followed by error_slots_unlock().
 */
struct error_record *error_slots_lock(struct lend_ctx *ctx, bool is_new);
void error_slots_unlock(struct lend_ctx *ctx);

/* The calling thread's record, which only this thread changes. Never NULL. */
const struct lend_error *error_slots_read(const struct lend_ctx *ctx);

#endif
