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
static bool user_take_sudo(const char *text, struct user_identity *identity)
{
	const char *gid = getenv("SUDO_GID"), *rest;

	return gid && user_parse_id(text, '\0', &identity->uid, &rest) &&
	       user_parse_id(gid, '\0', &identity->gid, &rest);
}

static bool user_take_entry_of(const struct passwd *user,
			       struct user_identity *identity)
{
	if (user)
		user_take_entry(user, identity);
	return user != NULL;
}

/* pkexec passes a number. */
static bool user_take_pkexec(const char *text, struct user_identity *identity)
{
	const char *rest;
	uint32_t uid;

	return user_parse_id(text, '\0', &uid, &rest) &&
	       user_take_entry_of(getpwuid(uid), identity);
}

/* doas passes a name. */
static bool user_take_doas(const char *text, struct user_identity *identity)
{
	return user_take_entry_of(getpwnam(text), identity);
}

/* How the user who called is known, the first that is set. */
static const struct user_source {
	const char *variable, *names;
	bool (*take)(const char *text, struct user_identity *identity);
} user_sources[] = {
	{"SUDO_UID", "SUDO_UID, SUDO_GID", user_take_sudo},
	{"PKEXEC_UID", "PKEXEC_UID", user_take_pkexec},
	{"DOAS_USER", "DOAS_USER", user_take_doas},
	{NULL, NULL, NULL},
};

void run_user_default(struct lend_ctx *ctx, struct user_identity *identity)
{
	const struct user_source *source = user_sources;
	struct user_identity found = {0};

	if (identity->is_given || !user_is_root())
		return;
	while (source->variable && !getenv(source->variable))
		source++;
	if (!source->variable)
		return;
	if (!source->take(getenv(source->variable), &found)) {
		lend_log(ctx, LEND_LOG_WARNING,
			 "the run stays root: %s does not name a user",
			 source->names);
		return;
	}
	found.is_given = found.uid != 0;
	*identity = found;
}
