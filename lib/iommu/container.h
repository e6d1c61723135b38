/* SPDX-License-Identifier: MIT */
/* Containers: what groups are set into, for type1 and no-IOMMU mode alike. */
#ifndef LIB_IOMMU_CONTAINER_H
#define LIB_IOMMU_CONTAINER_H

#include "lib/iommu/iommu.h"

int container_open(struct lend_iommu *iommu, int fd);
void container_close(struct lend_iommu *iommu);
void container_detach(struct lend_iommu *iommu, struct attachment *attachment);

/* Opens a device. With its first group the container takes the first of the
 * IOMMU models that the kernel has, or one that explain records. */
int container_attach(struct lend_iommu *iommu, const struct request *request,
		     const unsigned int *models, unsigned int count,
		     struct attachment *attachment);

#endif
