/* SPDX-License-Identifier: MIT */
/* Containers, which hold groups, for type1 and no-IOMMU mode. */
#ifndef LIB_IOMMU_CONTAINER_H
#define LIB_IOMMU_CONTAINER_H

#include "lib/iommu/iommu.h"

int container_open(struct lend_iommu *iommu, int fd);
void container_close(struct lend_iommu *iommu);
void container_detach(struct lend_iommu *iommu, struct attachment *attachment);

/* Opens a device. With the first group, sets the first IOMMU model of @models
 * that the kernel has. */
int container_attach(struct lend_iommu *iommu, const struct request *request,
		     const unsigned int *models, unsigned int count,
		     struct attachment *attachment);

#endif
