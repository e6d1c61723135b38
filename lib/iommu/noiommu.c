// SPDX-License-Identifier: MIT
// The no-IOMMU back end: opens devices without mapping or isolation.

#include <unistd.h>
#include <linux/vfio.h>

#include "lib/iommu/container.h"

static int noiommu_attach(struct lend_iommu *iommu,
			  const struct request *request,
			  struct attachment *attachment)
{
	static const unsigned int model = VFIO_NOIOMMU_IOMMU;

	return container_attach(iommu, request, &model, 1, attachment);
}

static int noiommu_info(struct lend_iommu *iommu, const char *device,
			struct iommu_info *info)
{
	(void)iommu;
	(void)device;
	info->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

const struct iommu_ops noiommu_ops = {
	.backend = LEND_BACKEND_NOIOMMU,
	.open = container_open,
	.close = container_close,
	.attach = noiommu_attach,
	.detach = container_detach,
	.info = noiommu_info,
};
