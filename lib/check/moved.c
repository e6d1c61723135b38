// SPDX-License-Identifier: MIT
// Network interfaces of a device that are in other network namespaces.

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/address/open-files.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/mounts.h"
#include "lib/check/moved.h"
#include "lib/check/spaces.h"

/* No device nests deeper: a disk behind USB hubs has twenty levels. */
enum { MOVED_DEPTH = 32 };

/* A longer list helps nobody. */
enum { MOVED_LISTED = 4 };

/* How many interfaces a device's directory "net" has that this network
 * namespace does not. The names in it are those of the namespace that sysfs was
 * mounted in; its link count is that of all. sysfs removes it with the last. */
static unsigned int moved_count(struct lend_ctx *ctx, const char *net)
{
	struct sysfs_names names;
	struct stat st;
	unsigned int here, all;

	if (sysfs_list_dirs(ctx, net, &names))
		return 0;
	here = names.count;
	sysfs_names_free(&names);
	if (ctx->kernel->stat(ctx->kernel, net, &st))
		return !here;
	all = st.st_nlink > 2 ? (unsigned int)st.st_nlink - 2 : 1;
	return all > here ? all - here : 0;
}

static unsigned int moved_count_below(struct lend_ctx *ctx, const char *dir,
				      unsigned int depth)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];
	unsigned int count = 0;

	if (sysfs_list_dirs(ctx, dir, &names))
		return 0;
	for (unsigned int i = 0; i < names.count; i++) {
		if (sysfs_path(path, "%s/%s", dir, names.names[i]))
			continue;
		if (!strcmp(names.names[i], "net"))
			count += moved_count(ctx, path);
		else if (depth < MOVED_DEPTH)
			count += moved_count_below(ctx, path, depth + 1);
	}
	sysfs_names_free(&names);
	return count;
}

struct moved {
	struct uses *uses;
	unsigned int listed;
};

/* ip-netns(8) and container engines mount the namespaces that they name. */
static void moved_add_name(void *opaque, const struct mount *mount)
{
	struct moved *moved = opaque;

	if (mount->pid || strcmp(mount->type, "nsfs") ||
	    strncmp(mount->root, "net:", strlen("net:")) ||
	    moved->listed >= MOVED_LISTED)
		return;
	moved->listed++;
	lend_error_evidence(moved->uses->ctx, "network namespace %s is at %s",
			    mount->root, mount->where);
}

static void moved_add_space(void *opaque, const char *pid, const char *space)
{
	struct moved *moved = opaque;
	char process[OPEN_PROCESS];

	if (moved->listed >= 2 * MOVED_LISTED)
		return;
	moved->listed++;
	open_files_describe(moved->uses->ctx, pid, process);
	lend_error_evidence(moved->uses->ctx, "network namespace %s is of %s",
			    space, process);
}

void moved_add_uses(struct uses *uses)
{
	struct moved moved = {.uses = uses};
	unsigned int count = moved_count_below(uses->ctx, uses->path, 0);

	if (!count)
		return;
	uses_add(uses,
		 "%u of its network interfaces %s in another network namespace",
		 count, count == 1 ? "is" : "are");
	mounts_visit(uses->ctx, moved_add_name, &moved);
	spaces_visit(uses->ctx, "net", moved_add_space, &moved);
}
