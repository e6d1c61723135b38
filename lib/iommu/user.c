// SPDX-License-Identifier: MIT
// The vfio-user back end: a device behind a socket, alone in its address space,
// whose mappings are sent to its server.

#include <errno.h>
#include <stdio.h>

#include "lib/base/context.h"
#include "lib/iommu/iommu.h"
#include "lib/remote/remote.h"

const struct iommu_ops *user_choose(struct lend_iommu *iommu)
{
	snprintf(iommu->reason, sizeof(iommu->reason),
		 "the device is behind a socket");
	return &user_ops;
}

static int user_open(struct lend_iommu *iommu, int fd)
{
	(void)iommu;
	(void)fd;
	return 0;
}

static void user_close(struct lend_iommu *iommu)
{
	(void)iommu;
}

static int user_refuse(struct lend_iommu *iommu, const struct request *request)
{
	if (!request->is_socket) {
		lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, EINVAL,
			       request->name,
			       "the address space is that of a device behind a "
			       "socket");
		return lend_error_remedy(iommu->ctx,
					 "open the device in another one");
	}
	lend_error_set(iommu->ctx, LEND_ERROR_ATTACHED, EBUSY, request->name,
		       "the address space has a device already");
	return lend_error_remedy(iommu->ctx,
				 "create one for each device behind a socket");
}

static int user_attach(struct lend_iommu *iommu, const struct request *request,
		       struct attachment *attachment)
{
	int err;

	if (!request->is_socket || iommu->remote)
		return user_refuse(iommu, request);
	err = remote_new(iommu->ctx, request->fd, request->name,
			 &iommu->remote);
	if (err)
		return err;
	attachment->remote = iommu->remote;
	attachment->fd = request->fd;
	return 0;
}

static void user_detach(struct lend_iommu *iommu, struct attachment *attachment)
{
	remote_free(iommu->remote);
	iommu->remote = NULL;
	attachment_close(iommu, attachment);
}

static int user_info(struct lend_iommu *iommu, const char *device,
		     struct iommu_info *info)
{
	const struct remote *remote = iommu->remote;

	(void)device;
	info->page_sizes = remote->page_sizes;
	info->page_size = info->page_sizes & -info->page_sizes;
	info->has_room = true;
	info->room = remote->map_max < UINT32_MAX ? (uint32_t)remote->map_max
						  : UINT32_MAX;
	return 0;
}

static int user_map(struct lend_iommu *iommu, const struct mapping *mapping)
{
	return remote_map(iommu->remote, mapping);
}

static int user_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t *size)
{
	uint64_t range = *size;

	*size = 0;
	return remote_unmap(iommu->remote, iova, range, size);
}

static int user_unmap_all(struct lend_iommu *iommu, uint64_t *size)
{
	*size = 0;
	return remote_unmap(iommu->remote, 0, UINT64_MAX, size);
}

const struct iommu_ops user_ops = {
	.backend = LEND_BACKEND_USER,
	.open = user_open,
	.close = user_close,
	.attach = user_attach,
	.detach = user_detach,
	.info = user_info,
	.map = user_map,
	.unmap = user_unmap,
	.unmap_all = user_unmap_all,
};
