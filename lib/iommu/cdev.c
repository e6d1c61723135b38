// SPDX-License-Identifier: MIT
// Device nodes of VFIO: found by way of sysfs, and believed when their numbers
// are the ones sysfs tells.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "address/group.h"
#include "cdev.h"
#include "context.h"
#include "node.h"

/* Ends the list at the first name like "vfio7". */
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

int cdev_find(struct lend_ctx *ctx, const char *device, struct cdev *cdev)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH], name[16] = "", text[32];
	char rest;
	int error;

	error = sysfs_path(path, "%s/vfio-dev", device);
	if (!error)
		error = k->list(k, path, look_at_name, name);
	if (error != -EEXIST)
		return error ? error : -ENOENT;
	error = sysfs_path(path, "%s/vfio-dev/%s/dev", device, name);
	if (!error)
		error = sysfs_path(cdev->path, "%s/vfio/devices/%s", ctx->dev,
				   name);
	if (!error)
		error = sysfs_read(ctx, path, text, sizeof(text));
	if (error < 0)
		return error;
	if (sscanf(text, "%u:%u%c", &cdev->major, &cdev->minor, &rest) != 2)
		return -EBADMSG;
	return 0;
}

/* The kernel tells VFIO's devices in sysfs from Linux 6.1 on, their numbers
 * where it was built with nodes for them. */
static int explain_none(struct lend_ctx *ctx, const struct request *request,
			int error)
{
	char driver[SYSFS_NAME];

	if (error == -EBADMSG)
		return lend_error_set(ctx, LEND_ERROR_DEVICE, EBADMSG,
				      request->name,
				      "its device number in sysfs makes no "
				      "sense");
	if (error != -ENOENT)
		return error_system(ctx, -error, request->name,
				    "look for its node in sysfs");
	if (lend_address_driver(request->address, driver, sizeof(driver)) < 0 ||
	    !group_is_vfio_driver(driver))
		return node_explain_missing(ctx, request->address,
					    "vfio-dev in sysfs");
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOENT, request->name,
		       "the kernel gives it no node of its own, as iommufd "
		       "needs");
	lend_error_evidence(ctx, "a kernel built with VFIO_DEVICE_CDEV does");
	return lend_error_remedy(ctx, "use the container back end");
}

static int check_number(struct lend_ctx *ctx, const char *device,
			const struct cdev *cdev, int fd)
{
	const struct kernel *k = ctx->kernel;
	struct stat st;
	int error;

	error = k->fstat(k, fd, &st);
	if (error)
		return error_system(ctx, -error, device, "look at %s",
				    cdev->path);
	if (S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(cdev->major, cdev->minor))
		return 0;
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENODEV, device,
		       "%s is not its node, but what is left of another's",
		       cdev->path);
	lend_error_evidence(ctx, "sysfs says %u:%u, the node is %u:%u",
			    cdev->major, cdev->minor, major(st.st_rdev),
			    minor(st.st_rdev));
	return lend_error_remedy(ctx, "where /dev is a container's own, pass "
				      "the node in again");
}

int cdev_open(struct lend_ctx *ctx, const struct request *request)
{
	const struct kernel *k = ctx->kernel;
	struct cdev cdev;
	int error;
	int fd;

	error = cdev_find(ctx, lend_address_path(request->address), &cdev);
	if (error)
		return explain_none(ctx, request, error);
	fd = node_open(ctx, request->name, cdev.path);
	if (fd == -ENOENT)
		return node_explain_missing(ctx, request->address, cdev.path);
	if (fd < 0)
		return fd;
	error = check_number(ctx, request->name, &cdev, fd);
	if (!error)
		return fd;
	k->close(k, fd);
	return error;
}
