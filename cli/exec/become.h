/* SPDX-License-Identifier: MIT */
/* The rights of a command that gets devices: those of a user, and no more. */
#ifndef CLI_EXEC_BECOME_H
#define CLI_EXEC_BECOME_H

#include <stdint.h>

#include "vmm/sandbox/privileges.h"

/*
 * Takes the user of @identity, if one is given, with the groups and the home
 * that the user has; no capability, and none to come by executing a program. A
 * guest of @memory bytes can be pinned; the limit stays if that is 0. Returns 0
 * or a recorded error, after which the process must end.
 */
int exec_become(struct lend_ctx *ctx, const struct user_identity *identity,
		uint64_t memory);

#endif
