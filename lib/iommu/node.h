/* SPDX-License-Identifier: MIT */
/* Why a device node of VFIO cannot be opened. */
#ifndef LIB_IOMMU_NODE_H
#define LIB_IOMMU_NODE_H

#include <lend/address.h>

/* Opens a node. The descriptor, or -errno with a record, but for -ENOENT: why
 * there is none is for the caller to say. */
int node_open(struct lend_ctx *ctx, const char *device, const char *path);

/* Records that a node may not be opened: its owner and mode, who we are, and
 * what lets us in. Returns -EACCES. */
int node_explain_permission(struct lend_ctx *ctx, const char *device,
			    const char *path);

/* Records that a device's node is not there: because a host driver has the
 * device, or because /dev is not the machine's. Returns -ENOENT. */
int node_explain_missing(struct lend_ctx *ctx, struct lend_address *address,
			 const char *path);

#endif
