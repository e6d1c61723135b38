/* SPDX-License-Identifier: MIT */
/* A silent context for each test, and what it recorded. */
#ifndef TESTS_UNIT_VMM_CONTEXT_H
#define TESTS_UNIT_VMM_CONTEXT_H

#include <stdbool.h>
#include <string.h>

#include <lend/context.h>
#include <lend/error.h>

static inline int context_setup(void **state)
{
	return lend_ctx_new(NULL, (struct lend_ctx **)state);
}

static inline int context_teardown(void **state)
{
	lend_ctx_unref(*state);
	return 0;
}

/* Does the record say @words, in any of its parts? */
static inline bool context_says(const struct lend_ctx *ctx, const char *words)
{
	const struct lend_error *e = lend_ctx_error(ctx);

	return strstr(e->what, words) || strstr(e->evidence, words) ||
	       strstr(e->remedy, words);
}

#endif
