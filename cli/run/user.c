// SPDX-License-Identifier: MIT
// Determines the user that `lend run` becomes once everything is open.

#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include <lend/context.h>
#include <lend/error.h>

#include "cli/run/user.h"
#include "cli/user.h"

#define ID_MAX (UINT32_MAX - 1) /* -1 means "unchanged" to the kernel */

/* Parses a number that ends at @end. */
static bool user_parse_id(const char *text, char end, uint32_t *id,
			  const char **rest)
{
	unsigned long long value;
	char *stop;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	value = strtoull(text, &stop, 10);
	if (errno || value > ID_MAX || *stop != end)
		return false;
	*id = (uint32_t)value;
	*rest = stop;
	return true;
}

static bool user_parse_pair(const char *text, struct user_identity *identity)
{
	const char *rest;

	return user_parse_id(text, ':', &identity->uid, &rest) &&
	       user_parse_id(rest + 1, '\0', &identity->gid, &rest);
}

static void user_take_entry(const struct passwd *user,
			    struct user_identity *identity)
{
	identity->uid = user->pw_uid;
	identity->gid = user->pw_gid;
}

/* From the auxiliary vector, which costs no system call. */
static bool user_is_root(void)
{
	return getauxval(AT_EUID) == 0;
}

int run_user_parse(struct lend_ctx *ctx, const char *option, const char *text,
		   struct user_identity *identity)
{
	struct user_identity found = {.is_given = true};
	const struct passwd *user;

	if (!user_parse_pair(text, &found)) {
		user = cli_user_find(ctx, option, text);
		if (!user)
			return -EINVAL;
		user_take_entry(user, &found);
	}
	if (!user_is_root()) {
		if (found.uid != getauxval(AT_EUID)) {
			lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				       "%s: only root can become user '%s'",
				       option, text);
			return lend_error_remedy(
				ctx, "leave it out, or start as root");
		}
		found.is_given = false;
	}
	*identity = found;
	return 0;
}

/* sudo passes numbers. */
static bool user_take_sudo(struct user_identity *identity)
{
	const char *uid = getenv("SUDO_UID"), *gid = getenv("SUDO_GID");
	const char *rest;

	return uid && gid && user_parse_id(uid, '\0', &identity->uid, &rest) &&
	       user_parse_id(gid, '\0', &identity->gid, &rest);
}

/* pkexec passes a number, doas a name. */
static bool user_take_entry_of(const char *uid, const char *name,
			       struct user_identity *identity)
{
	const struct passwd *user = NULL;
	const char *rest;
	uint32_t id;

	if (uid && user_parse_id(uid, '\0', &id, &rest))
		user = getpwuid(id);
	else if (!uid && name)
		user = getpwnam(name);
	if (user)
		user_take_entry(user, identity);
	return user != NULL;
}

void run_user_default(struct lend_ctx *ctx, struct user_identity *identity)
{
	const char *sudo = getenv("SUDO_UID"), *pkexec = getenv("PKEXEC_UID");
	const char *doas = getenv("DOAS_USER");
	struct user_identity found = {0};
	bool is_known;

	if (identity->is_given || !user_is_root() || !(sudo || pkexec || doas))
		return;
	is_known = sudo ? user_take_sudo(&found)
			: user_take_entry_of(pkexec, doas, &found);
	if (!is_known) {
		lend_log(ctx, LEND_LOG_WARNING,
			 "the run stays root: %s does not name a user",
			 sudo     ? "SUDO_UID, SUDO_GID"
			 : pkexec ? "PKEXEC_UID"
				  : "DOAS_USER");
		return;
	}
	found.is_given = found.uid != 0;
	*identity = found;
}
