/* SPDX-License-Identifier: MIT */
/* Gives up root's user and the capabilities, which a running machine does not
 * need: all is open by then. */
#ifndef VMM_SANDBOX_PRIVILEGES_H
#define VMM_SANDBOX_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

struct lend_ctx;

/* The user that a process of root becomes. */
struct user_identity {
	bool is_given;
	uid_t uid;
	gid_t gid;
};

/* Whether this process has CAP_IPC_LOCK: it may pin more than RLIMIT_MEMLOCK.
 */
bool privileges_has_lock(void);

/* Leaves CAP_IPC_LOCK, which must be there, with @keep_lock, and no other
 * capability. Returns 0 or a recorded error. */
int privileges_drop_capabilities(struct lend_ctx *ctx, bool keep_lock);

/*
 * Become @identity, if one is given and it is not root: without supplementary
 * groups, and with the capabilities of privileges_drop_capabilities(). No other
 * thread must exist. Returns 0 or a recorded error, after which the process
 * must end.
 */
int privileges_become(struct lend_ctx *ctx,
		      const struct user_identity *identity, bool keep_lock);

#endif
