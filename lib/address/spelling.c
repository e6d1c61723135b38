// SPDX-License-Identifier: MIT
// Refuses an address that is misspelled.

#include <errno.h>

#include "lib/address/spelling.h"
#include "lib/base/context.h"

int spelling_refuse(struct lend_ctx *ctx, const char *host, const char *what,
		    const char *why)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "'%s' is not the %s", host, what);
	lend_error_evidence(ctx, "%s", why);
	return lend_error_remedy(ctx, "lend list shows the devices");
}
