// SPDX-License-Identifier: MIT
// Containers: a group is added, then an IOMMU model is set, then devices can be
// opened.

#include <errno.h>
#include <stdio.h>
#include <linux/vfio.h>

#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/iommu/container.h"
#include "lib/iommu/group.h"
#include "lib/iommu/node.h"

int container_open(struct lend_iommu *iommu, int fd)
{
	struct lend_ctx *ctx = iommu->ctx;
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH];
	int version;

	(void)fd; /* only iommufds are passed in */
	if (sysfs_path(path, "%s/vfio/vfio", ctx->dev))
		return error_system(ctx, ENAMETOOLONG, NULL,
				    "build the path of a node");
	fd = node_open(ctx, NULL, path);
	if (fd == -ENOENT) {
		lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOENT, NULL,
			       "VFIO is not loaded: %s does not exist", path);
		return lend_error_remedy(ctx, "sudo modprobe vfio-pci");
	}
	if (fd < 0)
		return fd;
	iommu->fd = fd;
	version = k->ioctl(k, fd, VFIO_GET_API_VERSION, NULL);
	if (version < 0)
		return error_system(ctx, -version, NULL,
				    "query the API version of %s", path);
	if (version == VFIO_API_VERSION)
		return 0;
	return lend_error_set(
		ctx, LEND_ERROR_NO_VFIO, ENOTSUP, NULL,
		"%s has VFIO API version %d; version %d is required", path,
		version, VFIO_API_VERSION);
}

void container_close(struct lend_iommu *iommu)
{
	(void)iommu; /* the model went with the last group */
}

static int explain_no_model(struct lend_iommu *iommu, const char *device)
{
	struct lend_ctx *ctx = iommu->ctx;

	if (iommu->ops->backend == LEND_BACKEND_NOIOMMU) {
		lend_error_set(ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, device,
			       "no-IOMMU mode is disabled in the kernel");
		return lend_error_remedy(ctx,
					 "echo 1 > %s/module/vfio/parameters/"
					 "enable_unsafe_noiommu_mode",
					 ctx->sysfs);
	}
	lend_error_set(ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, device,
		       "the kernel has no type1 IOMMU driver for it");
	return lend_error_remedy(ctx, "sudo modprobe vfio_iommu_type1");
}

static bool has_extension(struct lend_iommu *iommu, unsigned int extension)
{
	const struct kernel *k = iommu->ctx->kernel;

	return k->ioctl(k, iommu->fd, VFIO_CHECK_EXTENSION,
			(void *)(uintptr_t)extension) > 0;
}

static int set_model(struct lend_iommu *iommu, const struct group *group,
		     const char *device, const unsigned int *models,
		     unsigned int count)
{
	const struct kernel *k = iommu->ctx->kernel;
	char call[64];
	int err;

	for (unsigned int i = 0; i < count; i++) {
		if (!has_extension(iommu, models[i]))
			continue;
		err = k->ioctl(k, iommu->fd, VFIO_SET_IOMMU,
			       (void *)(uintptr_t)models[i]);
		if (err >= 0) {
			iommu->model = models[i];
			iommu->unmaps_all =
				has_extension(iommu, VFIO_UNMAP_ALL);
			return 0;
		}
		if (err == -ENODEV)
			continue;
		snprintf(call, sizeof(call), "set IOMMU model %u", models[i]);
		return group_explain_refusal(group, device, err, call);
	}
	return explain_no_model(iommu, device);
}

void container_detach(struct lend_iommu *iommu, struct attachment *attachment)
{
	attachment_close(iommu, attachment);
	if (!group_any_in(iommu))
		iommu->model = 0;
}

int container_attach(struct lend_iommu *iommu, const struct request *request,
		     const unsigned int *models, unsigned int count,
		     struct attachment *attachment)
{
	struct group *group;
	int result;

	if (!request->address)
		return lend_error_set(
			iommu->ctx, LEND_ERROR_ARGUMENT, EINVAL, request->name,
			"a device node requires the iommufd back end");
	result = group_get(iommu, request, &group);
	if (result)
		return result;
	attachment->group = group;
	attachment->kvm_fd = group->fd;
	if (!iommu->model)
		result = set_model(iommu, group, request->name, models, count);
	if (!result) {
		kvm_file_add(&group->kvm_file, request, group->fd);
		result = group_open_device(group, request);
	}
	if (result < 0) {
		container_detach(iommu, attachment);
		return result;
	}
	attachment->fd = result;
	return 0;
}
