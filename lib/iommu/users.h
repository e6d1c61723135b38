/* SPDX-License-Identifier: MIT */
/* The processes that use a device, or another one of its group. */
#ifndef LIB_IOMMU_USERS_H
#define LIB_IOMMU_USERS_H

#include "lib/iommu/iommu.h"

/* Whether a visible process has the device's own node open. */
bool users_of_device(struct lend_ctx *ctx, const struct request *request);

/* As users_of_device(), for any node of any device of the group, or of the
 * group. */
bool users_of_group(struct lend_ctx *ctx, const struct request *request);

/* Records that the device, or one of its group, is in use, and the processes
 * that use it. Returns -EBUSY. */
int users_explain(struct lend_ctx *ctx, const struct request *request);

#endif
