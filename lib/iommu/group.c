// SPDX-License-Identifier: MIT
// IOMMU groups: opened once in a context, in one container, until the last of
// their devices is closed.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <linux/vfio.h>

#include "address/group.h"
#include "address/holders.h"
#include "address/sysfs.h"
#include "context.h"
#include "group.h"
#include "node.h"

static struct group *group_find(struct lend_ctx *ctx, int number)
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
		if (group->iommu == iommu)
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
	/* KVM may hold the group open longer than we do, so that closing it
	 * need not take it out of the container. */
	if (group->iommu &&
	    k->ioctl(k, group->fd, VFIO_GROUP_UNSET_CONTAINER, NULL) < 0)
		lend_log(ctx, LEND_LOG_WARNING,
			 "group %d did not leave its container", group->number);
	if (group->fd >= 0)
		k->close(k, group->fd);
	free(group);
}

void group_put(struct lend_ctx *ctx, struct group *group)
{
	if (!--group->refs)
		group_free(ctx, group);
}

static int explain_no_node(struct lend_ctx *ctx, struct lend_address *address,
			   int number, const char *path)
{
	const char *name = lend_address_name(address);
	char other[SYSFS_PATH];
	char driver[SYSFS_NAME];

	if (!sysfs_path(other, "%s/vfio/noiommu-%d", ctx->dev, number) &&
	    sysfs_exists(ctx, other)) {
		lend_error_set(ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, name,
			       "no IOMMU, only VFIO's no-IOMMU mode");
		return lend_error_remedy(ctx,
					 "switch the machine's IOMMU on, "
					 "then run lend bind %s",
					 name);
	}
	if (lend_address_driver(address, driver, sizeof(driver)) < 0 ||
	    !group_is_vfio_driver(driver))
		return group_explain_host_driver(ctx, (unsigned int)number,
						 name);
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOENT, name,
		       "there is no %s, though %s has the device", path,
		       driver);
	return lend_error_remedy(ctx, "where /dev is a container's own, pass "
				      "the node in");
}

static int explain_busy(struct lend_ctx *ctx, const char *device, int number,
			const char *path)
{
	lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, device,
		       "IOMMU group %d is in use: %s can be open once", number,
		       path);
	holders_add_evidence(ctx, path);
	return lend_error_remedy(ctx, "stop what uses it, or choose a device "
				      "of another group");
}

static int open_node(struct lend_ctx *ctx, struct lend_address *address,
		     struct group *group)
{
	const char *name = lend_address_name(address);
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH];
	int fd;

	fd = sysfs_path(path, "%s/vfio/%d", ctx->dev, group->number);
	if (!fd)
		fd = k->open(k, path, O_RDWR);
	if (fd >= 0) {
		group->fd = fd;
		return 0;
	}
	switch (fd) {
	case -ENOENT:
	case -ENODEV: /* a node that outlived what it stood for */
	case -ENXIO:
		return explain_no_node(ctx, address, group->number, path);
	case -EBUSY:
		return explain_busy(ctx, name, group->number, path);
	case -EACCES:
	case -EPERM:
		return node_explain_permission(ctx, name, path);
	}
	return error_system(ctx, -fd, name, "open %s", path);
}

static int check_viable(struct lend_ctx *ctx, const char *device,
			const struct group *group)
{
	struct vfio_group_status status = {.argsz = sizeof(status)};
	const struct kernel *k = ctx->kernel;
	int error;

	error = k->ioctl(k, group->fd, VFIO_GROUP_GET_STATUS, &status);
	if (error < 0)
		return error_system(ctx, -error, device,
				    "ask for the status of IOMMU group %d",
				    group->number);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return group_explain_not_viable(
			ctx, (unsigned int)group->number, device);
	return 0;
}

int group_explain_interrupts(struct lend_ctx *ctx, const char *device)
{
	lend_error_set(ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, device,
		       "the IOMMU does not remap interrupts, so that the "
		       "device could forge any");
	lend_error_evidence(ctx, "the kernel refused with EPERM; its log says "
				 "\"No interrupt remapping support\"");
	lend_error_remedy(ctx, "enable interrupt remapping (and x2APIC) in "
			       "firmware");
	return lend_error_remedy(ctx,
				 "where guests are trusted: echo 1 > "
				 "%s/module/vfio_iommu_type1/parameters/"
				 "allow_unsafe_interrupts",
				 ctx->sysfs);
}

static int set_container(struct lend_iommu *iommu, const char *device,
			 struct group *group)
{
	const struct kernel *k = iommu->ctx->kernel;
	int error;

	error = k->ioctl(k, group->fd, VFIO_GROUP_SET_CONTAINER, &iommu->fd);
	if (error >= 0) {
		group->iommu = iommu;
		return 0;
	}
	if (error != -EPERM)
		return error_system(iommu->ctx, -error, device,
				    "put IOMMU group %d into a container",
				    group->number);
	/* Either a host driver came in between, or interrupts are at fault. */
	error = check_viable(iommu->ctx, device, group);
	return error ? error : group_explain_interrupts(iommu->ctx, device);
}

static int group_open(struct lend_iommu *iommu, struct lend_address *address,
		      int number, struct group **result)
{
	const char *name = lend_address_name(address);
	struct lend_ctx *ctx = iommu->ctx;
	struct group *group;
	int error;

	group = calloc(1, sizeof(*group));
	if (!group)
		return error_system(ctx, ENOMEM, name, "open IOMMU group %d",
				    number);
	group->number = number;
	group->fd = -1;
	group->refs = 1;

	error = open_node(ctx, address, group);
	if (!error)
		error = check_viable(ctx, name, group);
	if (!error)
		error = set_container(iommu, name, group);
	if (error) {
		group_free(ctx, group);
		return error;
	}
	group->next = ctx->groups;
	ctx->groups = group;
	*result = group;
	return 0;
}

int group_get(struct lend_iommu *iommu, struct lend_address *address,
	      struct group **result)
{
	struct lend_ctx *ctx = iommu->ctx;
	int number = lend_address_group(address);
	struct group *group;

	if (number < 0)
		return number;
	group = group_find(ctx, number);
	if (!group)
		return group_open(iommu, address, number, result);
	if (group->iommu != iommu)
		return lend_error_set(ctx, LEND_ERROR_ATTACHED, EBUSY,
				      lend_address_name(address),
				      "IOMMU group %d is in another address "
				      "space already",
				      number);
	group->refs++;
	*result = group;
	return 0;
}

int group_open_device(struct group *group, struct lend_address *address)
{
	const char *name = lend_address_name(address);
	struct lend_ctx *ctx = group->iommu->ctx;
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH];
	int fd;

	fd = k->ioctl(k, group->fd, VFIO_GROUP_GET_DEVICE_FD, (void *)name);
	switch (fd) {
	case -ENODEV:
		return group_explain_host_driver(
			ctx, (unsigned int)group->number, name);
	case -EBUSY:
		if (!sysfs_path(path, "%s/vfio/%d", ctx->dev, group->number))
			return explain_busy(ctx, name, group->number, path);
		break;
	case -EACCES:
		lend_error_set(ctx, LEND_ERROR_PERMISSION, EACCES, name,
			       "its driver wants a VF token");
		return lend_error_evidence(ctx, "its physical function is in "
						"use with one");
	}
	if (fd < 0)
		return error_system(ctx, -fd, name, "open %s in IOMMU group %d",
				    name, group->number);
	return fd;
}
