/* SPDX-License-Identifier: MIT */
/* The one report of a failed allocation. */
#ifndef CLI_NO_MEMORY_H
#define CLI_NO_MEMORY_H

#include <errno.h>

#include <lend/error.h>

/* Records LEND_ERROR_MEMORY. Returns -ENOMEM. */
static inline int cli_no_memory(struct lend_ctx *ctx)
{
	return lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, NULL,
			      "not enough memory");
}

#endif
