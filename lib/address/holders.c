// SPDX-License-Identifier: MIT
// Whether a process has a device, its group or a node open, and which.

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/address/device-node.h"
#include "lib/address/group.h"
#include "lib/address/holders.h"
#include "lib/address/open-files.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

static void holders_find(struct lend_ctx *ctx, const char *path,
			 struct open_files *files)
{
	char canonical[SYSFS_PATH];
	struct open_node node;

	*files = (struct open_files){.nodes = &node, .node_count = 1};
	if (ctx->kernel->realpath(ctx->kernel, path, canonical,
				  sizeof(canonical)) < 0)
		return;
	node = open_node_at(ctx, canonical);
	open_files_find(ctx, files);
	files->nodes = NULL;
}

int holders_count(struct lend_ctx *ctx, const char *path)
{
	struct open_files files;

	holders_find(ctx, path, &files);
	return (int)files.count;
}

int holders_add_evidence(struct lend_ctx *ctx, const char *path)
{
	char canonical[SYSFS_PATH];
	struct open_files files;

	if (ctx->kernel->realpath(ctx->kernel, path, canonical,
				  sizeof(canonical)) < 0)
		strcpy(canonical, path);
	holders_find(ctx, path, &files);
	for (unsigned int i = 0; i < files.count; i++)
		open_files_add_evidence(ctx, canonical, files.matches[i].pid);
	if (!files.count)
		lend_error_evidence(
			ctx,
			"the process that uses %s cannot be seen from here: it "
			"belongs to another user (retry as root) or to "
			"another container",
			path);
	return (int)files.count;
}

/* The nodes that can hold a device; each may be absent. */
enum { GROUP, GROUP_NOIOMMU, OWN, NODES };

struct held {
	struct lend_ctx *ctx;
	const char *device; /* its name, for messages */
	char path[SYSFS_PATH];
	char group[SYSFS_NAME]; /* number of its group, or "" */

	char names[NODES][SYSFS_PATH]; /* "" if absent */
	struct open_node nodes[NODES];
	struct open_files files;
};

/* The node's number is that in sysfs: /dev may lack the node, or have another
 * under its name. */
static void held_set_node(struct held *held, int kind, const char *node,
			  const char *sysfs)
{
	struct open_node *known = &held->nodes[kind];
	char path[SYSFS_PATH];

	strcpy(held->names[kind], node);
	if (!sysfs_path(path, "%s/dev", sysfs) &&
	    !device_node_number(held->ctx, path, &known->number))
		known->type = S_IFCHR;
	else
		*known = open_node_at(held->ctx, held->names[kind]);
}

static void held_name_group(struct held *held, int kind)
{
	unsigned int group = (unsigned int)strtoul(held->group, NULL, 10);
	char node[SYSFS_PATH], path[SYSFS_PATH];

	if (held->group[0] &&
	    !group_node_path(held->ctx, group, kind == GROUP_NOIOMMU, node) &&
	    !sysfs_path(path, "%s/class/vfio/%s", held->ctx->sysfs,
			strrchr(node, '/') + 1))
		held_set_node(held, kind, node, path);
}

static void held_name_own(struct held *held)
{
	char dir[SYSFS_PATH], node[SYSFS_PATH], name[SYSFS_NAME];

	if (!sysfs_path(dir, "%s/vfio-dev", held->path) &&
	    !sysfs_first(held->ctx, dir, name) &&
	    !sysfs_path(node, "%s/vfio/devices/%s", held->ctx->dev, name) &&
	    !sysfs_path(dir, "%s/vfio-dev/%s", held->path, name))
		held_set_node(held, OWN, node, dir);
}

static int held_name_nodes(struct held *held, struct lend_ctx *ctx,
			   const char *device, const char *path)
{
	char link[SYSFS_PATH];

	memset(held, 0, sizeof(*held));
	held->ctx = ctx;
	held->device = device;
	if (ctx->kernel->realpath(ctx->kernel, path, held->path,
				  sizeof(held->path)) < 0)
		return -ENOENT;
	if (sysfs_path(link, "%s/iommu_group", held->path) ||
	    sysfs_link(ctx, link, held->group, sizeof(held->group)) <= 0)
		held->group[0] = '\0';
	for (int kind = 0; kind < NODES; kind++)
		held->nodes[kind].path = held->names[kind];
	held_name_group(held, GROUP);
	held_name_group(held, GROUP_NOIOMMU);
	held_name_own(held);
	held->files.nodes = held->nodes;
	held->files.node_count = NODES;
	held->files.device = held->path;
	return 0;
}

/* How many processes hold the device or its group. */
static unsigned int held_count(const struct held *held, int first, int last)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < held->files.count; i++)
		count += held->files.matches[i].node >= first &&
			 held->files.matches[i].node <= last;
	return count;
}

/* Processes with an unknown VFIO device are named if no other is. */
static void held_add_evidence(const struct held *held, bool may_guess)
{
	const struct open_files *files = &held->files;
	char descriptor[SYSFS_NAME + 16];
	bool is_known = held_count(held, OPEN_DEVICE, OWN);

	snprintf(descriptor, sizeof(descriptor), "device %s", held->device);
	for (unsigned int i = 0; i < files->count; i++) {
		const struct open_match *match = &files->matches[i];
		const char *path = NULL;

		if (match->node >= 0)
			path = held->names[match->node];
		else if (match->node == OPEN_DEVICE)
			path = descriptor;
		else if (is_known || !may_guess)
			continue;
		open_files_add_evidence(held->ctx, path, match->pid);
	}
}

/*
 * Asks the kernel whether the group is in use. Root's open of a group fails
 * with EBUSY as long as the group, or a device of it, is open anywhere: by
 * group or by a node of its own, with the group's descriptor closed, with a
 * device's descriptor in flight in a socket, or in a container. It opens no
 * device and resets none.
 *
 * While the group is open here, another process that opens it gets EBUSY too:
 * so it is closed at once, before anything else is looked at.
 */
static int held_ask_group(const struct held *held)
{
	const struct kernel *k = held->ctx->kernel;
	int fd = -ENOENT;

	for (int kind = GROUP; kind <= GROUP_NOIOMMU && fd == -ENOENT; kind++)
		if (held->names[kind][0])
			fd = device_node_open(held->ctx, &held->nodes[kind],
					      O_RDWR);
	if (fd < 0)
		return fd;
	k->close(k, fd);
	return 0;
}

/* vfio-pci enables a PCI device while it is open, and only then. A previous
 * driver may have left it enabled. */
static bool held_is_disabled(const struct held *held)
{
	char path[SYSFS_PATH], text[16];

	return !sysfs_path(path, "%s/enable", held->path) &&
	       sysfs_read(held->ctx, path, text, sizeof(text)) > 0 &&
	       !strcmp(text, "0");
}

/* asked is the answer about the group. Without a node for it the device is not
 * bound to VFIO, or the kernel has no groups: then the device has a node of its
 * own, whose open always succeeds. */
static void held_note_unknown(const struct held *held, int asked,
			      struct unknown *unknown)
{
	if (!asked || (asked == -ENOENT && !held->names[OWN][0]) ||
	    (asked == -ENOENT && held_is_disabled(held)))
		return;
	if (asked == -ENOENT)
		unknown_add(unknown,
			    "this kernel has no node for its group: whether a "
			    "descriptor of it was passed to a process is "
			    "unknown");
	else
		unknown_add(unknown,
			    "requires root, outside a container, to know "
			    "whether a process has it or its group %s open: %s",
			    held->group, strerror(-asked));
}

static int held_fail(const struct held *held, bool by_group)
{
	struct lend_ctx *ctx = held->ctx;

	if (by_group)
		lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, held->device,
			       "its group %s is in use", held->group);
	else
		lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, held->device,
			       "it is in use");
	if (!held_count(held, OPEN_DEVICE, OWN))
		lend_error_evidence(
			ctx,
			"open of its group: %s; no process is seen to have it "
			"open: a descriptor of a device may have been passed "
			"to another process, which is in another container or "
			"has not received it",
			strerror(EBUSY));
	held_add_evidence(held, true);
	return lend_error_remedy(ctx, "stop that process");
}

static int held_check(struct held *held, struct unknown *unknown)
{
	int asked = held_ask_group(held);

	/* A node that was opened and not yet bound to an iommufd does not keep
	 * the group busy, and keeps the device from being unbound. */
	open_files_find(held->ctx, &held->files);
	for (int i = 0; asked == -EBUSY && i < DEVICE_NODE_RETRIES &&
			!held_count(held, OPEN_DEVICE, OWN);
	     i++) {
		device_node_pause(held->ctx);
		asked = held_ask_group(held);
	}
	if (asked == -EBUSY || held_count(held, OPEN_DEVICE, OWN))
		return held_fail(held,
				 asked == -EBUSY || held_count(held, GROUP,
							       GROUP_NOIOMMU));
	held_note_unknown(held, asked, unknown);
	return 0;
}

int holders_ask_device(struct lend_ctx *ctx, const char *device,
		       const char *path, struct unknown *unknown)
{
	struct held *held = malloc(sizeof(*held));
	int err = 0;

	if (!held)
		return error_no_memory(ctx, device);
	if (!held_name_nodes(held, ctx, device, path))
		err = held_check(held, unknown);
	free(held);
	return err;
}

int holders_check_device(struct lend_ctx *ctx, const char *device,
			 const char *path)
{
	struct unknown unknown = {0};
	int err = holders_ask_device(ctx, device, path, &unknown);

	unknown_log(ctx, device, &unknown);
	return err;
}

void holders_add_device_evidence(struct lend_ctx *ctx, const char *path)
{
	struct held *held = malloc(sizeof(*held));

	if (held && !held_name_nodes(held, ctx, path, path)) {
		open_files_find(ctx, &held->files);
		held_add_evidence(held, false);
	}
	free(held);
}
