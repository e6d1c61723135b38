/* SPDX-License-Identifier: MIT */
/* Who has a device, or another of its group, when we cannot. */
#ifndef LIB_IOMMU_USERS_H
#define LIB_IOMMU_USERS_H

#include "lib/iommu/iommu.h"

/* Whether a process can be seen that has the device's own node open. */
bool users_of_device(struct lend_ctx *ctx, const struct request *request);

/* As that, for any node of any device of the group, or the group's own. */
bool users_of_group(struct lend_ctx *ctx, const struct request *request);

/* Records that the device, or one of its group, is in use, and by whom.
 * Returns -EBUSY. */
int users_explain(struct lend_ctx *ctx, const struct request *request);

#endif
