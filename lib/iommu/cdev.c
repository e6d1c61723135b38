// SPDX-License-Identifier: MIT
// VFIO device nodes: found in sysfs, and used only if the node's number is the
// device's in sysfs.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/iommu/cdev.h"
#include "lib/iommu/node.h"

/* Stops at the first name like "vfio7". */
static int look_at_name(void *opaque, const char *name)
{
	char *found = opaque;
	const char *number = name + strlen("vfio");

	if (strncmp(name, "vfio", strlen("vfio")) || !*number ||
	    number[strspn(number, "0123456789")] || strlen(number) > 10)
		return 0;
	strcpy(found, name);
	return -EEXIST;
}

int cdev_find(struct lend_ctx *ctx, const char *device, struct node *node)
{
	const struct kernel *k = ctx->kernel;
	char name[16] = "";
	int err;

	if (node->path[0])
		return 0;
	err = sysfs_path(node->sysfs, "%s/vfio-dev", device);
	if (!err)
		err = k->list(k, node->sysfs, look_at_name, name);
	if (err != -EEXIST)
		return err ? err : -ENOENT;
	err = sysfs_path(node->sysfs, "%s/vfio-dev/%s", device, name);
	if (!err)
		err = sysfs_path(node->path, "%s/vfio/devices/%s", ctx->dev,
				 name);
	if (err)
		node->path[0] = '\0';
	return err;
}

bool cdev_is_made(struct lend_ctx *ctx, const struct node *node)
{
	char path[SYSFS_PATH];

	return !sysfs_path(path, "%s/dev", node->sysfs) &&
	       sysfs_exists(ctx, path);
}

/* sysfs shows VFIO devices since Linux 6.1, and their numbers if the kernel was
 * built with device nodes. */
static int explain_none(struct lend_ctx *ctx, const struct request *request,
			int err)
{
	char driver[SYSFS_NAME];

	if (err != -ENOENT)
		return error_system(ctx, -err, request->name,
				    "look up its device node in sysfs");
	if (lend_address_driver(request->address, driver, sizeof(driver)) < 0 ||
	    !group_is_vfio_driver(driver))
		return node_explain_missing(ctx, request->address,
					    "vfio-dev in sysfs");
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOENT, request->name,
		       "the kernel provides no device node for it, which "
		       "iommufd requires");
	lend_error_evidence(
		ctx,
		"device nodes require a kernel with CONFIG_VFIO_DEVICE_CDEV");
	return lend_error_remedy(ctx, "use the container back end");
}

/* For a path to sysfs that has symbolic links itself. */
static bool cdev_is_same_path(struct lend_ctx *ctx, const char *link,
			      const char *path)
{
	const struct kernel *k = ctx->kernel;
	char resolved[SYSFS_PATH];

	return k->realpath(k, link, resolved, sizeof(resolved)) >= 0 &&
	       !strcmp(resolved, path);
}

/* sysfs links each device number to its device. */
static int cdev_check_number(struct lend_ctx *ctx, const char *device,
			     const struct node *node, int fd)
{
	char link[SYSFS_PATH], owner[SYSFS_PATH] = "";
	const struct kernel *k = ctx->kernel;
	struct stat st;
	int err;

	err = k->fstat(k, fd, &st);
	if (!err)
		err = sysfs_path(link, "%s/dev/char/%u:%u", ctx->sysfs,
				 major(st.st_rdev), minor(st.st_rdev));
	if (!err && S_ISCHR(st.st_mode))
		err = sysfs_target(ctx, link, owner);
	if (err && err != -ENOENT)
		return error_system(ctx, -err, device, "stat %s", node->path);
	if (!strcmp(owner, node->sysfs) ||
	    cdev_is_same_path(ctx, link, node->sysfs))
		return 0;
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENODEV, device,
		       "%s is a stale node of another device", node->path);
	lend_error_evidence(ctx, "the node is %u:%u, which sysfs assigns to %s",
			    major(st.st_rdev), minor(st.st_rdev),
			    owner[0] ? owner : "no device");
	return lend_error_remedy(
		ctx,
		"in a container with its own /dev, pass the node in again");
}

static int cdev_open_node(struct lend_ctx *ctx, const struct request *request,
			  const struct node *node)
{
	int fd = node_open(ctx, request->name, node->path);

	if (fd != -ENOENT)
		return fd;
	if (!cdev_is_made(ctx, node))
		return explain_none(ctx, request, -ENOENT);
	return node_explain_missing(ctx, request->address, node->path);
}

int cdev_open(struct lend_ctx *ctx, const struct request *request)
{
	const struct kernel *k = ctx->kernel;
	struct node own = {.fd = -1};
	struct node *node = request->node ? request->node : &own;
	int err;
	int fd;

	err = cdev_find(ctx, lend_address_path(request->address), node);
	if (err)
		return explain_none(ctx, request, err);
	fd = node->fd;
	node->fd = -1;
	if (fd < 0)
		fd = cdev_open_node(ctx, request, node);
	if (fd < 0)
		return fd;
	err = cdev_check_number(ctx, request->name, node, fd);
	if (!err)
		return fd;
	k->close(k, fd);
	return err;
}
