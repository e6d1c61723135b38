// SPDX-License-Identifier: MIT
// The mounts of this mount namespace and of those that processes are in.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/open-files.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/check/mounts.h"
#include "lib/check/spaces.h"

static void mounts_read(struct lend_ctx *ctx, const char *pid,
			void (*each)(void *opaque, const struct mount *mount),
			void *opaque)
{
	struct mount mount = {.pid = pid};
	char *text, *rest, *line;
	char file[32];

	snprintf(file, sizeof(file), "%.16s/mountinfo", pid ? pid : "self");
	text = procfs_read_all(ctx, file);
	rest = text;
	while (text && (line = procfs_next_line(&rest))) {
		const char *dash = strstr(line, " - ");

		mount.source[0] = '\0';
		if (dash &&
		    sscanf(line, "%*s %*s %31s %63s %255s", mount.number,
			   mount.root, mount.where) == 3 &&
		    sscanf(dash, " - %63s %255s", mount.type, mount.source) > 0)
			each(opaque, &mount);
	}
	free(text);
}

struct mounts_pass {
	struct lend_ctx *ctx;
	void (*each)(void *opaque, const struct mount *mount);
	void *opaque;
};

static void mounts_read_space(void *opaque, const char *pid, const char *space)
{
	const struct mounts_pass *pass = opaque;

	(void)space;
	mounts_read(pass->ctx, pid, pass->each, pass->opaque);
}

void mounts_visit(struct lend_ctx *ctx,
		  void (*each)(void *opaque, const struct mount *mount),
		  void *opaque)
{
	struct mounts_pass pass = {.ctx = ctx, .each = each, .opaque = opaque};

	mounts_read(ctx, NULL, each, opaque);
	spaces_visit(ctx, "mnt", mounts_read_space, &pass);
}

void mounts_describe(struct lend_ctx *ctx, const struct mount *mount,
		     char *text, size_t size)
{
	char process[OPEN_PROCESS];

	if (!mount->pid) {
		snprintf(text, size, "on %s", mount->where);
		return;
	}
	open_files_describe(ctx, mount->pid, process);
	snprintf(text, size, "on %s in the mount namespace of %s", mount->where,
		 process);
}
