/* SPDX-License-Identifier: MIT */
/* Device nodes of VFIO, one for each device: /dev/vfio/devices/vfioN. */
#ifndef LIB_IOMMU_CDEV_H
#define LIB_IOMMU_CDEV_H

#include "lib/iommu/iommu.h"

/* Finds the node of the device with a directory in sysfs, unless that was done.
 * Returns 0, -ENOENT where it has none, or another -errno, without a record. */
int cdev_find(struct lend_ctx *ctx, const char *device, struct node *node);

/* Whether the kernel was built to make the node; asked where it is not there.
 */
bool cdev_is_made(struct lend_ctx *ctx, const struct node *node);

/* Opens a device's node, or takes the one that request->node holds open; it
 * must be that device's. The descriptor, or -errno with a record. */
int cdev_open(struct lend_ctx *ctx, const struct request *request);

#endif
