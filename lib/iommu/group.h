/* SPDX-License-Identifier: MIT */
/* IOMMU groups opened through /dev/vfio: one descriptor for all devices. */
#ifndef IOMMU_GROUP_H
#define IOMMU_GROUP_H

#include "iommu.h"

struct group {
	struct group *next;       /* open in the context */
	struct lend_iommu *iommu; /* in whose container it is, or NULL; the
				   * devices hold the reference */
	unsigned int refs;        /* devices that use it */
	int number;
	int fd;
};

/* All are called with the context's open lock held. */

/* Opens a device's group and sets it into the address space's container, or
 * takes another reference where that was done. Leaves a record of what failed.
 * group_put() undoes it. */
int group_get(struct lend_iommu *iommu, struct lend_address *address,
	      struct group **group);

/* Drops a reference, no device of which may be open any more. */
void group_put(struct lend_ctx *ctx, struct group *group);

/* Whether any group is in the address space's container. */
bool group_any_in(const struct lend_iommu *iommu);

/* Opens a device of the group. The descriptor, or -errno with a record. */
int group_open_device(struct group *group, struct lend_address *address);

/* Records that the machine cannot keep a device from forging interrupts.
 * Returns -ENOTSUP. */
int group_explain_interrupts(struct lend_ctx *ctx, const char *device);

#endif
