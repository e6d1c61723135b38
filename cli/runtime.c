// SPDX-License-Identifier: MIT
// Where the control sockets of runs are that are found by name.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lend/error.h>

#include "cli/runtime.h"

#define ROOT_RUNS "/run/lend/runs"
#define USER_RUNS "/lend/runs" /* in $XDG_RUNTIME_DIR */

/* Returns false if the user has none. */
static bool runtime_of_user(struct runtime_path *directory)
{
	const char *base = getenv("XDG_RUNTIME_DIR");

	return base && *base == '/' &&
	       snprintf(directory->text, sizeof(directory->text), "%s%s", base,
			USER_RUNS) < (int)sizeof(directory->text);
}

int runtime_directory(struct lend_ctx *ctx, struct runtime_path *directory)
{
	if (!geteuid()) {
		strcpy(directory->text, ROOT_RUNS);
		return 0;
	}
	if (runtime_of_user(directory))
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENOENT, NULL,
		       "-qmp auto: XDG_RUNTIME_DIR does not name a directory "
		       "for this user's sockets");
	return lend_error_remedy(ctx, "use -qmp unix:PATH");
}

unsigned int runtime_directories(struct runtime_path directories[2])
{
	unsigned int count = geteuid() && runtime_of_user(&directories[0]);

	strcpy(directories[count].text, ROOT_RUNS);
	return count + 1;
}

static bool runtime_is_name(const char *name)
{
	return *name && *name != '.' && !strchr(name, '/') &&
	       strlen(name) < RUNTIME_NAME_MAX;
}

bool runtime_join(const struct runtime_path *directory, const char *name,
		  struct runtime_path *path)
{
	return runtime_is_name(name) &&
	       snprintf(path->text, sizeof(path->text), "%s/%s",
			directory->text, name) < (int)sizeof(path->text);
}

int runtime_socket(struct lend_ctx *ctx, const struct runtime_path *directory,
		   const char *name, struct runtime_path *path)
{
	if (runtime_join(directory, name, path))
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "%s/%s is not the path of a socket", directory->text,
		       name);
	return lend_error_remedy(ctx,
				 "use -name with up to %d bytes, without '/' "
				 "and a leading '.'",
				 RUNTIME_NAME_MAX - 1);
}

int runtime_make(struct lend_ctx *ctx, const struct runtime_path *directory)
{
	struct runtime_path part = *directory;

	for (char *slash = part.text; slash;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(part.text, 0755) && errno != EEXIST)
			return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno,
					      NULL, "create %s: %s", part.text,
					      strerror(errno));
		if (slash)
			*slash = '/';
	}
	return 0;
}
