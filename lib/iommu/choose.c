// SPDX-License-Identifier: MIT
// Which back end an address space gets: iommufd where the kernel offers it for
// the first device and we may use it, else the container.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cdev.h"
#include "context.h"

/* Whether a node can be opened; writes why not. */
static bool can_open(struct lend_iommu *iommu, const char *path)
{
	const struct kernel *k = iommu->ctx->kernel;
	int fd = k->open(k, path, O_RDWR);

	if (fd >= 0) {
		k->close(k, fd);
		return true;
	}
	if (fd == -ENOENT)
		snprintf(iommu->reason, sizeof(iommu->reason),
			 "there is no %.400s", path);
	else
		snprintf(iommu->reason, sizeof(iommu->reason),
			 "%.400s cannot be opened: %s", path, strerror(-fd));
	return false;
}

static const struct iommu_ops *because(struct lend_iommu *iommu,
				       const struct iommu_ops *ops,
				       const char *reason)
{
	snprintf(iommu->reason, sizeof(iommu->reason), "%s", reason);
	return ops;
}

const struct iommu_ops *iommu_choose(struct lend_iommu *iommu,
				     const struct request *request)
{
	char path[SYSFS_PATH];
	struct cdev cdev;

	if (!request->address)
		return because(iommu, &iommufd_ops,
			       "the device's own node was passed in");
	if (cdev_find(iommu->ctx, lend_address_path(request->address), &cdev))
		return because(
			iommu, &type1_ops,
			"the kernel gives the device no node of its own");
	/* Not every kernel with iommufd takes a token there. */
	if (request->token)
		return because(iommu, &type1_ops, "a VF token is given");
	if (sysfs_path(path, "%s/iommu", iommu->ctx->dev) ||
	    !can_open(iommu, path) || !can_open(iommu, cdev.path))
		return &type1_ops;
	return because(iommu, &iommufd_ops,
		       "the kernel offers it for the device");
}
