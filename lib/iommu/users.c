// SPDX-License-Identifier: MIT
// Finds the processes that use a device or another one of its group, among the
// open files of all processes.

#include <errno.h>

#include "lib/address/group.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/iommu/cdev.h"
#include "lib/iommu/users.h"

/* Called for each node. Returns the number of processes that have it open. */
typedef int (*visit)(struct lend_ctx *ctx, const char *node);

static int visit_members(struct lend_ctx *ctx, int group, visit visit_node)
{
	struct group_members members;
	char device[SYSFS_PATH];
	int found = 0;

	if (group_list(ctx, (unsigned int)group, &members))
		return 0;
	for (unsigned int i = 0; i < members.count; i++) {
		struct node node = {.fd = -1};

		if (!sysfs_path(device, "%s/kernel/iommu_groups/%d/devices/%s",
				ctx->sysfs, group, members.members[i].name) &&
		    !cdev_find(ctx, device, &node))
			found += visit_node(ctx, node.path);
	}
	group_members_free(&members);
	return found;
}

static int visit_group(struct lend_ctx *ctx, const struct request *request,
		       visit visit_node)
{
	char path[SYSFS_PATH];
	int found = 0;
	int group;

	if (!request->address)
		return 0;
	group = lend_address_group(request->address);
	if (group < 0)
		return 0;
	for (int mode = 0; mode < 2; mode++)
		if (!group_node_path(ctx, (unsigned int)group, mode, path))
			found += visit_node(ctx, path);
	return found + visit_members(ctx, group, visit_node);
}

/* Nodes without a visible user get no line. */
static int users_add_evidence(struct lend_ctx *ctx, const char *node)
{
	return holders_count(ctx, node) ? holders_add_evidence(ctx, node) : 0;
}

bool users_of_device(struct lend_ctx *ctx, const struct request *request)
{
	struct node node = {.fd = -1};

	return request->address &&
	       !cdev_find(ctx, lend_address_path(request->address), &node) &&
	       holders_count(ctx, node.path);
}

bool users_of_group(struct lend_ctx *ctx, const struct request *request)
{
	return visit_group(ctx, request, holders_count);
}

int users_explain(struct lend_ctx *ctx, const struct request *request)
{
	int group = -1;

	if (request->address)
		group = lend_address_group(request->address);
	if (group >= 0)
		lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, request->name,
			       "it, or another device of IOMMU group %d, is "
			       "in use",
			       group);
	else
		lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, request->name,
			       "it, or another device of its IOMMU group, is "
			       "in use");
	if (!visit_group(ctx, request, users_add_evidence))
		lend_error_evidence(
			ctx, "the user is not visible: a process of another "
			     "user (retry as root) or in another container");
	return lend_error_remedy(
		ctx, "stop the process that uses it, or choose another device");
}
