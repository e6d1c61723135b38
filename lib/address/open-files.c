// SPDX-License-Identifier: MIT
// Which processes have device nodes, or a device of VFIO, open or mapped.

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/address/open-files.h"
#include "lib/address/open-index.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

/* A match, with its place in the order of the pass. */
struct found {
	int node;
	unsigned int process;
	unsigned int order;
};

struct found_list {
	struct found *entries;
	unsigned int count;
	unsigned int room;
};

static void found_add(struct found_list *list, int node,
		      const struct open_file *file)
{
	if (list->count == list->room) {
		unsigned int room = list->room ? 2 * list->room : 16;
		struct found *grown =
			reallocarray(list->entries, room, sizeof(*grown));

		if (!grown)
			return;
		list->entries = grown;
		list->room = room;
	}
	list->entries[list->count++] =
		(struct found){node, file->process, file->order};
}

static bool open_file_is_of(struct lend_ctx *ctx, const struct open_file *file,
			    const char *device)
{
	const char *path = sysfs_below(device, ctx->sysfs);

	return path && sysfs_below(file->device, CTX_SYSFS) &&
	       !strcmp(sysfs_below(file->device, CTX_SYSFS), path);
}

/* What is known by its path alone. */
static void found_add_others(struct lend_ctx *ctx, struct found_list *list,
			     const struct open_files *files,
			     const struct open_index *index)
{
	for (unsigned int i = index->nodes; i < index->count; i++) {
		const struct open_file *file = &index->files[i];

		for (unsigned int n = 0; file->target && n < files->node_count;
		     n++)
			if (!files->nodes[n].type &&
			    !strcmp(files->nodes[n].path, file->target))
				found_add(list, (int)n, file);
		if (!file->device || !files->device)
			continue;
		if (!file->device[0])
			found_add(list, OPEN_UNKNOWN, file);
		else if (open_file_is_of(ctx, file, files->device))
			found_add(list, OPEN_DEVICE, file);
	}
}

static int found_compare(const void *a, const void *b)
{
	const struct found *left = a, *right = b;

	return (left->order > right->order) - (left->order < right->order);
}

/* One match for each process and node, in the order of the processes. */
static void open_files_take(struct open_files *files,
			    const struct found_list *list,
			    const struct open_index *index)
{
	if (list->count)
		qsort(list->entries, list->count, sizeof(list->entries[0]),
		      found_compare);
	for (unsigned int i = 0; i < list->count && files->count < OPEN_MATCHES;
	     i++) {
		const struct found *found = &list->entries[i];
		const char *pid = index->pids[found->process];
		struct open_match *match = &files->matches[files->count];
		unsigned int known = 0;

		while (known < files->count &&
		       (files->matches[known].node != found->node ||
			strcmp(files->matches[known].pid, pid) != 0))
			known++;
		if (known < files->count)
			continue;
		match->node = found->node;
		snprintf(match->pid, sizeof(match->pid), "%s", pid);
		files->count++;
	}
}

static bool open_files_need_others(const struct open_files *files)
{
	for (unsigned int i = 0; i < files->node_count; i++)
		if (!files->nodes[i].type)
			return true;
	return files->device;
}

void open_files_find(struct lend_ctx *ctx, struct open_files *files)
{
	struct open_index *index =
		open_index_get(ctx, open_files_need_others(files));
	struct found_list list = {0};

	files->count = 0;
	files->limit = index ? index->limit : "requires memory";
	if (!index)
		return;
	for (unsigned int n = 0; n < files->node_count; n++) {
		const struct open_node *node = &files->nodes[n];
		unsigned int i, end;

		if (!node->type)
			continue;
		for (i = open_index_find(index, node->type, node->number, &end);
		     i < end; i++)
			found_add(&list, (int)n, &index->files[i]);
	}
	found_add_others(ctx, &list, files, index);
	open_files_take(files, &list, index);
	free(list.entries);
	open_index_put(ctx, index);
}

struct open_node open_node_at(struct lend_ctx *ctx, const char *path)
{
	const struct kernel *k = ctx->kernel;
	struct open_node node = {.path = path};
	struct stat st;

	if (!k->peek(k, path, &st) &&
	    (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))) {
		node.type = st.st_mode & S_IFMT;
		node.number = st.st_rdev;
	}
	return node;
}

/* Writes the real user of a process, by name if it has one. */
static void describe_user(struct lend_ctx *ctx, const char *pid, char *user,
			  size_t size)
{
	char path[SYSFS_PATH], status[8192], names[1024];
	struct passwd entry, *found = NULL;
	const char *line;
	unsigned long uid;

	snprintf(user, size, "unknown");
	if (sysfs_path(path, "%s/%s/status", ctx->proc, pid) ||
	    sysfs_read(ctx, path, status, sizeof(status)) < 0)
		return;
	line = strstr(status, "\nUid:");
	if (!line)
		return;
	uid = strtoul(line + strlen("\nUid:"), NULL, 10);
	if (getpwuid_r((uid_t)uid, &entry, names, sizeof(names), &found) ||
	    !found)
		snprintf(user, size, "%lu", uid);
	else
		snprintf(user, size, "%s", entry.pw_name);
}

void open_files_describe(struct lend_ctx *ctx, const char *pid,
			 char text[OPEN_PROCESS])
{
	char file[SYSFS_PATH], comm[64], user[64];

	if (sysfs_path(file, "%s/%s/comm", ctx->proc, pid) ||
	    sysfs_read(ctx, file, comm, sizeof(comm)) < 0)
		strcpy(comm, "a process");
	describe_user(ctx, pid, user, sizeof(user));
	snprintf(text, OPEN_PROCESS, "%s (pid %.16s, user %s)", comm, pid,
		 user);
}

void open_files_add_evidence(struct lend_ctx *ctx, const char *path,
			     const char *pid)
{
	char process[OPEN_PROCESS];

	open_files_describe(ctx, pid, process);
	if (path)
		lend_error_evidence(ctx, "%s is held by %s", path, process);
	else
		lend_error_evidence(ctx,
				    "%s has a VFIO device open; this kernel "
				    "does not show which",
				    process);
}
