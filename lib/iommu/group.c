// SPDX-License-Identifier: MIT
// IOMMU groups: each is in one address space of a context, and open until the
// last of its devices is closed.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/vfio.h>

#include "lib/address/device-node.h"
#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/iommu/group.h"
#include "lib/iommu/node.h"
#include "lib/iommu/refusal.h"
#include "lib/iommu/token.h"
#include "lib/iommu/users.h"

struct group *group_find(struct lend_ctx *ctx, int number)
{
	struct group *group = ctx->groups;

	while (group && group->number != number)
		group = group->next;
	return group;
}

bool group_any_in(const struct lend_iommu *iommu)
{
	for (struct group *group = iommu->ctx->groups; group;
	     group = group->next)
		if (group->iommu == iommu && group->is_in_container)
			return true;
	return false;
}

static void group_free(struct lend_ctx *ctx, struct group *group)
{
	const struct kernel *k = ctx->kernel;
	struct group **link = &ctx->groups;

	while (*link && *link != group)
		link = &(*link)->next;
	if (*link)
		*link = group->next;
	kvm_file_drop(&group->kvm_file);
	/* KVM can keep the group open, so closing it here may not remove it
	 * from the container. */
	if (group->is_in_container &&
	    k->ioctl(k, group->fd, VFIO_GROUP_UNSET_CONTAINER, NULL) < 0)
		lend_log(ctx, LEND_LOG_WARNING,
			 "could not remove group %d from its container",
			 group->number);
	if (group->fd >= 0)
		k->close(k, group->fd);
	free(group);
}

void group_put(struct lend_ctx *ctx, struct group *group)
{
	if (!--group->refs)
		group_free(ctx, group);
}

/* The path of the group's node in its mode, and in the other mode. */
static int node_paths(const struct group *group, char node[SYSFS_PATH],
		      char other[SYSFS_PATH])
{
	const struct lend_iommu *iommu = group->iommu;
	bool is_noiommu = iommu->ops->backend == LEND_BACKEND_NOIOMMU;
	unsigned int number = (unsigned int)group->number;
	int err;

	err = group_node_path(iommu->ctx, number, is_noiommu, node);
	if (!err)
		err = group_node_path(iommu->ctx, number, !is_noiommu, other);
	return err;
}

static int explain_no_node(struct group *group, const struct request *request,
			   const char *node, const char *other)
{
	struct lend_ctx *ctx = group->iommu->ctx;

	if (!sysfs_exists(ctx, other))
		return node_explain_missing(ctx, request->address, node);
	if (group->iommu->ops->backend == LEND_BACKEND_NOIOMMU) {
		lend_error_set(
			ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, request->name,
			"it has an IOMMU, so no-IOMMU mode is unavailable");
		return lend_error_remedy(ctx, "choose another back end");
	}
	lend_error_set(ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, request->name,
		       "it has no IOMMU; only no-IOMMU mode is available");
	return lend_error_remedy(
		ctx, "enable the machine's IOMMU, then run lend bind %s",
		request->name);
}

static int explain_rawio(struct lend_ctx *ctx, const char *device)
{
	lend_error_set(ctx, LEND_ERROR_PERMISSION, EACCES, device,
		       "no-IOMMU mode requires CAP_SYS_RAWIO");
	return lend_error_remedy(ctx, "run it as root");
}

/* lend check and others open a group for a moment, to learn whether it is in
 * use. */
static int group_try_node(struct lend_ctx *ctx, const char *path)
{
	int fd = ctx->kernel->open(ctx->kernel, path, O_RDWR);

	for (int i = 0; fd == -EBUSY && i < DEVICE_NODE_RETRIES; i++) {
		device_node_pause(ctx);
		fd = ctx->kernel->open(ctx->kernel, path, O_RDWR);
	}
	return fd;
}

static int group_open_node(struct group *group, const struct request *request)
{
	struct lend_ctx *ctx = group->iommu->ctx;
	const char *name = request->name;
	char path[SYSFS_PATH], other[SYSFS_PATH];
	int fd;

	fd = node_paths(group, path, other);
	if (!fd)
		fd = group_try_node(ctx, path);
	if (fd >= 0) {
		group->fd = fd;
		return 0;
	}
	switch (fd) {
	case -ENOENT:
	case -ENODEV: /* a stale node */
	case -ENXIO:
		return explain_no_node(group, request, path, other);
	case -EBUSY:
		return users_explain(ctx, request);
	case -EPERM:
		if (group->iommu->ops->backend == LEND_BACKEND_NOIOMMU)
			return explain_rawio(ctx, name);
		/* fall through */
	case -EACCES:
		return node_explain_permission(ctx, name, path);
	}
	return error_system(ctx, -fd, name, "open %s", path);
}

static int check_viable(struct lend_ctx *ctx, const char *device,
			const struct group *group)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	const struct kernel *k = ctx->kernel;
	int err;

	err = k->ioctl(k, group->fd, VFIO_GROUP_GET_STATUS, &status);
	if (err < 0)
		return error_system(ctx, -err, device,
				    "query the status of IOMMU group %d",
				    group->number);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return group_explain_not_viable(
			ctx, (unsigned int)group->number, device);
	return 0;
}

int group_explain_refusal(const struct group *group, const char *device,
			  int err, const char *call)
{
	struct lend_ctx *ctx = group->iommu->ctx;
	const struct refusal refusal = {
		.err = err,
		.device = device,
		.group = group->number,
		.module = "vfio_iommu_type1",
		.call = call,
	};

	if (err != -EPERM && err != -EINVAL)
		return error_system(ctx, -err, device, "%s", call);
	return refusal_explain(ctx, &refusal);
}

static int group_set_container(struct group *group, const char *device)
{
	struct lend_iommu *iommu = group->iommu;
	const struct kernel *k = iommu->ctx->kernel;
	int container = iommu->fd;
	char call[64];
	int err;

	err = k->ioctl(k, group->fd, VFIO_GROUP_SET_CONTAINER, &container);
	if (err >= 0) {
		group->is_in_container = true;
		return 0;
	}
	/* A host driver may have been bound meanwhile. */
	if (err == -EPERM) {
		int viable = check_viable(iommu->ctx, device, group);

		if (viable)
			return viable;
	}
	snprintf(call, sizeof(call), "add IOMMU group %d to a container",
		 group->number);
	return group_explain_refusal(group, device, err, call);
}

static int group_new(struct lend_iommu *iommu, const char *device, int number,
		     struct group **result)
{
	struct lend_ctx *ctx = iommu->ctx;
	struct group *group = calloc(1, sizeof(*group));

	if (!group)
		return error_no_memory(ctx, device);
	group->number = number;
	group->fd = -1;
	group->refs = 1;
	group->iommu = iommu;
	group->next = ctx->groups;
	ctx->groups = group;
	*result = group;
	return 0;
}

int group_join(struct lend_iommu *iommu, const struct request *request,
	       struct group **result)
{
	struct lend_ctx *ctx = iommu->ctx;
	int number = lend_address_group(request->address);
	struct group *group;

	if (number < 0)
		return number;
	group = group_find(ctx, number);
	if (!group)
		return group_new(iommu, request->name, number, result);
	if (group->iommu != iommu)
		return lend_error_set(
			ctx, LEND_ERROR_ATTACHED, EBUSY, request->name,
			"IOMMU group %d is already in another address space",
			number);
	group->refs++;
	*result = group;
	return 0;
}

int group_get(struct lend_iommu *iommu, const struct request *request,
	      struct group **result)
{
	struct group *group;
	int err;

	err = group_join(iommu, request, &group);
	if (err)
		return err;
	if (group->fd < 0) {
		err = group_open_node(group, request);
		if (!err)
			err = check_viable(iommu->ctx, request->name, group);
		if (!err)
			err = group_set_container(group, request->name);
	}
	if (err) {
		group_put(iommu->ctx, group);
		return err;
	}
	*result = group;
	return 0;
}

/* The kernel takes the device's name, followed by the token. */
static int group_get_device(const struct group *group,
			    const struct request *request)
{
	const struct kernel *k = group->iommu->ctx->kernel;
	char text[SYSFS_NAME + 64];
	char token[TOKEN_TEXT];
	int length, fd;

	if (request->token) {
		token_format(request->token, token);
		length = snprintf(text, sizeof(text), "%s vf_token=%s",
				  request->name, token);
	} else {
		length = snprintf(text, sizeof(text), "%s", request->name);
	}
	if (length < 0 || (size_t)length >= sizeof(text))
		return -ENAMETOOLONG;
	iommu_begin_slow(group->iommu);
	fd = k->ioctl(k, group->fd, VFIO_GROUP_GET_DEVICE_FD, text);
	iommu_end_slow(group->iommu);
	return fd;
}

int group_open_device(struct group *group, const struct request *request)
{
	struct lend_ctx *ctx = group->iommu->ctx;
	const char *name = request->name;
	int fd;

	fd = group_get_device(group, request);
	switch (fd) {
	case -ENODEV:
		return group_explain_host_driver(
			ctx, (unsigned int)group->number, name);
	case -EBUSY:
		return users_explain(ctx, request);
	case -EACCES:
		return token_explain(ctx, request);
	case -EINVAL:
		if (request->token)
			return token_explain_unwanted(ctx, name);
		break;
	}
	if (fd < 0)
		return error_system(ctx, -fd, name, "open %s in IOMMU group %d",
				    name, group->number);
	return fd;
}
