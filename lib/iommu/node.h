/* SPDX-License-Identifier: MIT */
/* Opens VFIO nodes, and explains why one cannot be opened. */
#ifndef LIB_IOMMU_NODE_H
#define LIB_IOMMU_NODE_H

#include <lend/address.h>

/* Opens a node. Returns the descriptor, or -errno with a record; -ENOENT
 * without one, which the caller explains. */
int node_open(struct lend_ctx *ctx, const char *device, const char *path);

/* Records that access to a node was denied: its owner and mode, the user, and
 * the command that grants access. Returns -EACCES. */
int node_explain_permission(struct lend_ctx *ctx, const char *device,
			    const char *path);

/* Records that a device's node does not exist: a host driver has the device, or
 * /dev is a container's. Returns -ENOENT. */
int node_explain_missing(struct lend_ctx *ctx, struct lend_address *address,
			 const char *path);

#endif
