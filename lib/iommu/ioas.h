/* SPDX-License-Identifier: MIT */
/* I/O address spaces of iommufd: the back end's mapping functions. */
#ifndef LIB_IOMMU_IOAS_H
#define LIB_IOMMU_IOAS_H

#include "lib/iommu/iommu.h"

/* As in struct iommu_ops. */
int ioas_info(struct lend_iommu *iommu, const char *device,
	      struct iommu_info *info);
int ioas_map(struct lend_iommu *iommu, const struct mapping *mapping);
int ioas_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t *size);
int ioas_unmap_all(struct lend_iommu *iommu, uint64_t *size);

#endif
