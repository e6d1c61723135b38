// SPDX-License-Identifier: MIT
// The namespaces of other processes.

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/spaces.h"

/* A host with more containers has them looked at in part. */
enum { SPACES_MAX = 4096, SPACES_NAME = 32 };

struct spaces {
	unsigned int count;
	char names[SPACES_MAX][SPACES_NAME];
};

static bool spaces_is_new(struct spaces *spaces, const char *name)
{
	for (unsigned int i = 0; i < spaces->count; i++)
		if (!strcmp(spaces->names[i], name))
			return false;
	if (spaces->count == SPACES_MAX)
		return false;
	snprintf(spaces->names[spaces->count++], SPACES_NAME, "%s", name);
	return true;
}

static bool spaces_read(struct lend_ctx *ctx, const char *pid, const char *type,
			char name[SPACES_NAME])
{
	char path[SYSFS_PATH];

	return !sysfs_path(path, "%s/%s/ns/%s", ctx->proc, pid, type) &&
	       sysfs_link(ctx, path, name, SPACES_NAME) > 0;
}

void spaces_visit(struct lend_ctx *ctx, const char *type,
		  void (*each)(void *opaque, const char *pid,
			       const char *space),
		  void *opaque)
{
	struct spaces *spaces = calloc(1, sizeof(*spaces));
	struct sysfs_names pids = {0};
	char name[SPACES_NAME];

	if (!spaces || !spaces_read(ctx, "self", type, name) ||
	    sysfs_list(ctx, ctx->proc, &pids)) {
		free(spaces);
		return;
	}
	spaces_is_new(spaces, name);
	for (unsigned int i = 0; i < pids.count; i++) {
		const char *pid = pids.names[i];

		if (!pid[strspn(pid, "0123456789")] &&
		    spaces_read(ctx, pid, type, name) &&
		    spaces_is_new(spaces, name))
			each(opaque, pid, name);
	}
	sysfs_names_free(&pids);
	free(spaces);
}
