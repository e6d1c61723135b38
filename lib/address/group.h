/* SPDX-License-Identifier: MIT */
/* IOMMU groups in sysfs: their members, and which of them block a group. */
#ifndef LIB_ADDRESS_GROUP_H
#define LIB_ADDRESS_GROUP_H

#include <lend/host.h>

#include "lib/base/sysfs.h"

struct group_member {
	char name[SYSFS_NAME];
	char driver[SYSFS_NAME]; /* "" for none */
	enum lend_member_verdict verdict;
	bool is_maker; /* set by group_find_makers() */
};

struct group_members {
	struct group_member *members;
	unsigned int count;
};

/* Lists a group's members, sorted by name; group_members_free() releases them.
 * Returns 0 or -errno without a record. */
int group_list(struct lend_ctx *ctx, unsigned int group,
	       struct group_members *members);

void group_members_free(struct group_members *members);

/* Whether a member has a host driver, so that VFIO cannot have the group. */
bool group_is_blocked(struct lend_ctx *ctx, unsigned int group);

/* Builds the path of a group's node, or of its node in no-IOMMU mode. Returns
 * 0, or -ENAMETOOLONG. */
int group_node_path(const struct lend_ctx *ctx, unsigned int group,
		    bool is_noiommu, char path[SYSFS_PATH]);

/* Whether a driver with this name is one of VFIO's. */
bool group_is_vfio_driver(const char *driver);

/* Records LEND_ERROR_NOT_VIABLE: each member with its driver and verdict, and
 * the `lend bind` that helps. Returns -EPERM. */
int group_explain_not_viable(struct lend_ctx *ctx, unsigned int group,
			     const char *device);

/* Records LEND_ERROR_HOST_DRIVER for a device that is not on a VFIO driver: its
 * driver, and the `lend bind` that helps. Returns -ENOENT. */
int group_explain_host_driver(struct lend_ctx *ctx, unsigned int group,
			      const char *device);

/* Records LEND_ERROR_NO_GROUP: whether the IOMMU is on and how to enable it, or
 * that only this device, at path in sysfs, has no group. Returns -ENODATA. */
int group_explain_none(struct lend_ctx *ctx, const char *device,
		       const char *path);

/* Whether the device at path in sysfs may get a group with its first driver:
 * kernels before 6.15 read the IOMMU from its device tree node only when a
 * driver is bound. */
bool group_may_come(struct lend_ctx *ctx, const char *path);

#endif
