/* SPDX-License-Identifier: MIT */
/* VFIO device nodes, one for each device: /dev/vfio/devices/vfioN. */
#ifndef LIB_IOMMU_CDEV_H
#define LIB_IOMMU_CDEV_H

#include "lib/iommu/iommu.h"

/* Finds the node of the device at a path in sysfs, unless @node has it already.
 * Returns 0, -ENOENT if there is none, or another -errno, without a record. */
int cdev_find(struct lend_ctx *ctx, const char *device, struct node *node);

/* Whether the kernel was built to create the node, for when it does not exist.
 */
bool cdev_is_made(struct lend_ctx *ctx, const struct node *node);

/* Opens a device's node, or takes over the one that request->node has open,
 * which must be that device's. Returns the descriptor, or -errno with a record.
 */
int cdev_open(struct lend_ctx *ctx, const struct request *request);

#endif
