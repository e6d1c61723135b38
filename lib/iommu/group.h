/* SPDX-License-Identifier: MIT */
/* IOMMU groups opened through /dev/vfio: one descriptor for all devices. */
#ifndef LIB_IOMMU_GROUP_H
#define LIB_IOMMU_GROUP_H

#include "lib/iommu/iommu.h"

struct group {
	struct group *next;       /* in use in the context */
	struct lend_iommu *iommu; /* whose devices use it; they hold the
				   * reference */
	unsigned int refs;        /* devices that use it */
	int number;
	int fd; /* -1 where devices are opened by nodes of their own */
	bool is_in_container;
	struct kvm_file told; /* of fd */
};

/* All are called with the context's open lock held. */

/* Notes that a device uses its group, which must be in no other address space.
 * Leaves a record of what failed. group_put() undoes it. */
int group_join(struct lend_iommu *iommu, const struct request *request,
	       struct group **group);

/* As that, and opens the group and sets it into the address space's container,
 * where that is not done yet. */
int group_get(struct lend_iommu *iommu, const struct request *request,
	      struct group **group);

/* Drops a reference, no device of which may be open any more. */
void group_put(struct lend_ctx *ctx, struct group *group);

/* A group in use in the context, or NULL. */
struct group *group_find(struct lend_ctx *ctx, int number);

/* Whether any group is in the address space's container. */
bool group_any_in(const struct lend_iommu *iommu);

/* Opens a device of the group. The descriptor, or -errno with a record. */
int group_open_device(struct group *group, const struct request *request);

/* Records that the machine cannot keep a device from forging interrupts, which
 * a parameter of a module of the kernel overrides. Returns -ENOTSUP. */
int group_explain_interrupts(struct lend_ctx *ctx, const char *device,
			     const char *module);

#endif
