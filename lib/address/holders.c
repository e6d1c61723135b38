// SPDX-License-Identifier: MIT
// Which processes have a device node open, as far as procfs shows.

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/group.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

/* A longer list helps nobody. */
enum { LISTED_MAX = 8 };

struct search {
	struct lend_ctx *ctx;
	const char *node; /* canonical path */
	const char *pid;  /* process being looked at */
	bool wants_evidence;
	int found;
};

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

static void holders_add_process(const struct search *search)
{
	char path[SYSFS_PATH], comm[64], user[64];

	if (sysfs_path(path, "%s/%s/comm", search->ctx->proc, search->pid) ||
	    sysfs_read(search->ctx, path, comm, sizeof(comm)) < 0)
		strcpy(comm, "a process");
	describe_user(search->ctx, search->pid, user, sizeof(user));
	lend_error_evidence(search->ctx, "%s is held by %s (pid %s, user %s)",
			    search->node, comm, search->pid, user);
}

/* Stops the list of descriptors at the first that is the node. */
static int holders_visit_fd(void *opaque, const char *name)
{
	const struct search *search = opaque;
	const struct kernel *k = search->ctx->kernel;
	char path[SYSFS_PATH], target[SYSFS_PATH];
	ssize_t length;

	if (sysfs_path(path, "%s/%s/fd/%s", search->ctx->proc, search->pid,
		       name))
		return 0;
	length = k->readlink(k, path, target, sizeof(target) - 1);
	if (length < 0)
		return 0;
	target[length] = '\0';
	return strcmp(target, search->node) ? 0 : -EEXIST;
}

static int holders_visit_process(void *opaque, const char *name)
{
	struct search *search = opaque;
	const struct kernel *k = search->ctx->kernel;
	char path[SYSFS_PATH];

	if (name[strspn(name, "0123456789")] ||
	    sysfs_path(path, "%s/%s/fd", search->ctx->proc, name))
		return 0;
	search->pid = name;
	if (k->list(k, path, holders_visit_fd, search) != -EEXIST)
		return 0;
	if (search->wants_evidence && search->found < LISTED_MAX)
		holders_add_process(search);
	search->found++;
	return 0;
}

static int holders_search(struct lend_ctx *ctx, const char *path,
			  bool wants_evidence)
{
	const struct kernel *k = ctx->kernel;
	char node[SYSFS_PATH];
	struct search search = {
		.ctx = ctx,
		.node = node,
		.wants_evidence = wants_evidence,
	};

	if (k->realpath(k, path, node, sizeof(node)) < 0)
		return 0;
	k->list(k, ctx->proc, holders_visit_process, &search);
	return search.found;
}

int holders_count(struct lend_ctx *ctx, const char *path)
{
	return holders_search(ctx, path, false);
}

int holders_add_evidence(struct lend_ctx *ctx, const char *path)
{
	int found = holders_search(ctx, path, true);

	if (!found)
		lend_error_evidence(
			ctx,
			"the process that uses %s cannot be seen from here: it "
			"belongs to another user (retry as root) or to "
			"another container",
			path);
	return found;
}

static int holders_check_node(struct lend_ctx *ctx, const char *device,
			      const char *what, const char *node)
{
	if (!holders_count(ctx, node))
		return 0;
	lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, device, "%s is in use",
		       what);
	holders_add_evidence(ctx, node);
	return lend_error_remedy(ctx, "stop that process");
}

/* The nodes that can hold a device; each may be absent. */
enum { GROUP, GROUP_NOIOMMU, OWN, NODES };

/* Builds the path of a node, and says what the node belongs to. Returns false
 * if the device has no such node. */
static bool holders_find_node(struct lend_ctx *ctx, const char *device,
			      int kind, char node[SYSFS_PATH],
			      char what[SYSFS_NAME + 16])
{
	char link[SYSFS_PATH], name[SYSFS_NAME];

	if (kind == OWN) {
		snprintf(what, SYSFS_NAME + 16, "it");
		return !sysfs_path(link, "%s/vfio-dev", device) &&
		       !sysfs_first(ctx, link, name) &&
		       !sysfs_path(node, "%s/vfio/devices/%s", ctx->dev, name);
	}
	if (sysfs_path(link, "%s/iommu_group", device) ||
	    sysfs_link(ctx, link, name, sizeof(name)) <= 0)
		return false;
	snprintf(what, SYSFS_NAME + 16, "its group %s", name);
	return !group_node_path(ctx, (unsigned int)strtoul(name, NULL, 10),
				kind == GROUP_NOIOMMU, node);
}

int holders_check_device(struct lend_ctx *ctx, const char *device,
			 const char *path)
{
	char node[SYSFS_PATH], what[SYSFS_NAME + 16];
	int err = 0;

	for (int kind = 0; kind < NODES && !err; kind++)
		if (holders_find_node(ctx, path, kind, node, what))
			err = holders_check_node(ctx, device, what, node);
	return err;
}

void holders_add_device_evidence(struct lend_ctx *ctx, const char *path)
{
	char node[SYSFS_PATH], what[SYSFS_NAME + 16];

	for (int kind = 0; kind < NODES; kind++)
		if (holders_find_node(ctx, path, kind, node, what) &&
		    holders_count(ctx, node))
			holders_add_evidence(ctx, node);
}
