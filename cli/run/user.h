/* SPDX-License-Identifier: MIT */
/* The user that `lend run` becomes once everything is open. */
#ifndef CLI_RUN_USER_H
#define CLI_RUN_USER_H

#include "vmm/sandbox/privileges.h"

/* Parses USER or UID:GID. A process without root's rights can name its own user
 * alone. Returns 0 or -EINVAL with a record. */
int run_user_parse(struct lend_ctx *ctx, const char *option, const char *text,
		   struct user_identity *identity);

/* The user who called sudo, pkexec or doas, if root runs this process for one
 * and no user was given. What is unclear in the environment is reported, and
 * changes nothing. */
void run_user_default(struct lend_ctx *ctx, struct user_identity *identity);

#endif
