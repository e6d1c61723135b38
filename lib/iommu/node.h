/* SPDX-License-Identifier: MIT */
/* Why a device node of VFIO may not be opened. */
#ifndef IOMMU_NODE_H
#define IOMMU_NODE_H

#include <lend/context.h>

/* Records that a node may not be opened: its owner and mode, who we are, and
 * what lets us in. Returns -EACCES. */
int node_explain_permission(struct lend_ctx *ctx, const char *device,
			    const char *path);

#endif
