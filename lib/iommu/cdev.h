/* SPDX-License-Identifier: MIT */
/* Device nodes of VFIO, one for each device: /dev/vfio/devices/vfioN. */
#ifndef IOMMU_CDEV_H
#define IOMMU_CDEV_H

#include "address/sysfs.h"
#include "iommu.h"

struct cdev {
	char path[SYSFS_PATH]; /* of the node */
	unsigned int major, minor;
};

/* Finds the node of the device with a directory in sysfs. Returns 0, -ENOENT
 * where it has none, or another -errno, without a record. */
int cdev_find(struct lend_ctx *ctx, const char *device, struct cdev *cdev);

/* Opens a device's node, which must be that device's. The descriptor, or -errno
 * with a record. */
int cdev_open(struct lend_ctx *ctx, const struct request *request);

#endif
