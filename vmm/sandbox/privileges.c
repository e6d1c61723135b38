// SPDX-License-Identifier: MIT
// Gives up root's user and the capabilities.

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/capability.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/sandbox/privileges.h"

#define CAPABILITY_WORDS 2

/* libcap would be a library at run time, for two calls. */
bool privileges_has_lock(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[CAPABILITY_WORDS] = {0};

	return !syscall(SYS_capget, &header, caps) &&
	       (caps[0].effective >> CAP_IPC_LOCK & 1);
}

int privileges_drop_capabilities(struct lend_ctx *ctx, bool keep_lock)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct caps[CAPABILITY_WORDS] = {0};

	caps[0].permitted = caps[0].effective =
		keep_lock ? 1u << CAP_IPC_LOCK : 0;
	if (!syscall(SYS_capset, &header, caps))
		return 0;
	return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, NULL,
			      "give up capabilities: capset: %s",
			      strerror(errno));
}

static int privileges_refuse(struct lend_ctx *ctx, const char *call,
			     const struct user_identity *identity, int err)
{
	lend_error_set(ctx, LEND_ERROR_SYSTEM, err, NULL,
		       "become user %u, group %u: %s: %s", identity->uid,
		       identity->gid, call, strerror(err));
	return lend_error_remedy(
		ctx, "-runas root stays root, where the process is root");
}

int privileges_become(struct lend_ctx *ctx,
		      const struct user_identity *identity, bool keep_lock)
{
	const char *call = NULL;

	if (!identity->is_given || !identity->uid)
		return 0;
	/* They would go with the user. */
	if (keep_lock && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		call = "PR_SET_KEEPCAPS";
	else if (setgroups(0, NULL))
		call = "setgroups";
	else if (setresgid(identity->gid, identity->gid, identity->gid))
		call = "setresgid";
	else if (setresuid(identity->uid, identity->uid, identity->uid))
		call = "setresuid";
	if (call)
		return privileges_refuse(ctx, call, identity, errno);
	lend_log(ctx, LEND_LOG_INFO,
		 "root's rights are given up: user %u, group %u, no "
		 "supplementary groups",
		 identity->uid, identity->gid);
	return privileges_drop_capabilities(ctx, keep_lock);
}
