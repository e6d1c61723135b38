/* SPDX-License-Identifier: MIT */
/* Users by name. */
#ifndef CLI_USER_H
#define CLI_USER_H

struct lend_ctx;
struct passwd;

/* Finds a user for @option, which begins the message of a failure. Returns the
 * entry, valid until the next call; or NULL with a record of -EINVAL. */
const struct passwd *cli_user_find(struct lend_ctx *ctx, const char *option,
				   const char *name);

#endif
