// SPDX-License-Identifier: MIT
// Chooses the back end of an address space: iommufd if the kernel supports it
// for the first device and we may open it, else the container.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/iommu/cdev.h"

/* Opens a node; on failure writes the reason. */
static int try_open(struct lend_iommu *iommu, const char *path)
{
	const struct kernel *k = iommu->ctx->kernel;
	int fd = k->open(k, path, O_RDWR);

	if (fd == -ENOENT)
		snprintf(iommu->reason, sizeof(iommu->reason),
			 "%.400s does not exist", path);
	else if (fd < 0)
		snprintf(iommu->reason, sizeof(iommu->reason),
			 "cannot open %.400s: %s", path, strerror(-fd));
	return fd;
}

static const struct iommu_ops *choose_because(struct lend_iommu *iommu,
					      const struct iommu_ops *ops,
					      const char *reason)
{
	snprintf(iommu->reason, sizeof(iommu->reason), "%s", reason);
	return ops;
}

/* Opens both nodes, or neither. */
static bool open_nodes(struct lend_iommu *iommu, struct node *node)
{
	const struct kernel *k = iommu->ctx->kernel;
	char path[SYSFS_PATH];

	if (sysfs_path(path, "%s/iommu", iommu->ctx->dev))
		return false;
	iommu->fd = try_open(iommu, path);
	if (iommu->fd >= 0)
		node->fd = try_open(iommu, node->path);
	if (iommu->fd >= 0 && node->fd >= 0)
		return true;
	if (iommu->fd >= 0)
		k->close(k, iommu->fd);
	iommu->fd = node->fd = -1;
	return false;
}

const struct iommu_ops *iommu_choose(struct lend_iommu *iommu,
				     const struct request *request)
{
	static const char no_node[] = "the kernel provides no device node";
	struct lend_ctx *ctx = iommu->ctx;

	if (!request->address)
		return choose_because(iommu, &iommufd_ops,
				      "a device node was passed in");
	if (cdev_find(ctx, lend_address_path(request->address), request->node))
		return choose_because(iommu, &type1_ops, no_node);
	/* Not every kernel with iommufd accepts a token. */
	if (request->token)
		return choose_because(iommu, &type1_ops, "a VF token is given");
	if (open_nodes(iommu, request->node))
		return choose_because(iommu, &iommufd_ops,
				      "the kernel supports it for the device");
	if (!cdev_is_made(ctx, request->node))
		return choose_because(iommu, &type1_ops, no_node);
	return &type1_ops;
}
