// SPDX-License-Identifier: MIT
// Finds users by name.

#include <errno.h>
#include <pwd.h>

#include <lend/error.h>

#include "cli/user.h"

const struct passwd *cli_user_find(struct lend_ctx *ctx, const char *option,
				   const char *name)
{
	const struct passwd *user = getpwnam(name);

	if (user)
		return user;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "%s: unknown user '%s'", option, name);
	lend_error_remedy(ctx, "getent passwd lists the users");
	return NULL;
}
