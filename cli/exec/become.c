// SPDX-License-Identifier: MIT
// The rights of a command that gets devices: those of a user, and no more.

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <lend/lend.h>

#include "cli/exec/become.h"

/* A monitor maps its ROMs and the memory of a display beside the guest's RAM.
 */
#define BESIDE_RAM (256ull << 20)

static int become_failed(struct lend_ctx *ctx, const char *call)
{
	return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, NULL,
			      "give up rights: %s: %s", call, strerror(errno));
}

static int become_set_limit(struct lend_ctx *ctx, uint64_t memory)
{
	struct rlimit limit;

	if (!memory)
		return 0;
	limit.rlim_cur = limit.rlim_max = memory > UINT64_MAX - BESIDE_RAM
						  ? RLIM_INFINITY
						  : memory + BESIDE_RAM;
	if (!setrlimit(RLIMIT_MEMLOCK, &limit))
		return 0;
	lend_error_set(ctx, LEND_ERROR_MEMLOCK, errno, NULL,
		       "-m: RLIMIT_MEMLOCK cannot be %llu bytes: %s",
		       (unsigned long long)limit.rlim_max, strerror(errno));
	return lend_error_remedy(ctx, "run it as root (sudo)");
}

/* Without new privileges the bounding set is a second lock: no failure where a
 * container does not permit it. */
static void become_drop_bounding(void)
{
	for (unsigned long cap = 0; prctl(PR_CAPBSET_READ, cap) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap);
}

/* As su(1) does. What else is there was the caller's. */
static int become_set_variables(struct lend_ctx *ctx, const struct passwd *user)
{
	if (!setenv("HOME", user->pw_dir, 1) &&
	    !setenv("USER", user->pw_name, 1) &&
	    !setenv("LOGNAME", user->pw_name, 1))
		return 0;
	return become_failed(ctx, "setenv");
}

/* The groups come first, while they can be set. */
static int become_user(struct lend_ctx *ctx,
		       const struct user_identity *identity)
{
	const struct passwd *user = getpwuid(identity->uid);
	int err = user ? become_set_variables(ctx, user) : 0;

	if (err)
		return err;
	if (user ? initgroups(user->pw_name, identity->gid)
		 : setgroups(0, NULL))
		return become_failed(ctx, user ? "initgroups" : "setgroups");
	if (setresgid(identity->gid, identity->gid, identity->gid))
		return become_failed(ctx, "setresgid");
	if (setresuid(identity->uid, identity->uid, identity->uid))
		return become_failed(ctx, "setresuid");
	return 0;
}

int exec_become(struct lend_ctx *ctx, const struct user_identity *identity,
		uint64_t memory)
{
	int err = become_set_limit(ctx, memory);

	if (err)
		return err;
	become_drop_bounding();
	if (identity->is_given)
		err = become_user(ctx, identity);
	if (!err)
		err = privileges_drop_capabilities(ctx, false);
	if (!err && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		err = become_failed(ctx, "PR_SET_NO_NEW_PRIVS");
	return err;
}
