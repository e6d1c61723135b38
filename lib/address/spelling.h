/* SPDX-License-Identifier: MIT */
/* Refuses an address that is misspelled. */
#ifndef LIB_ADDRESS_SPELLING_H
#define LIB_ADDRESS_SPELLING_H

#include <lend/context.h>

/* Records LEND_ERROR_ARGUMENT.
 * @host: the address as it was spelled
 * @what: the kind of address it should be
 * @why:  what is wrong with it
 * Returns -EINVAL. */
int spelling_refuse(struct lend_ctx *ctx, const char *host, const char *what,
		    const char *why);

#endif
