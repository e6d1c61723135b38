/* SPDX-License-Identifier: MIT */
/* IOMMU groups opened through /dev/vfio: one descriptor for all devices. */
#ifndef LIB_IOMMU_GROUP_H
#define LIB_IOMMU_GROUP_H

#include "lib/iommu/iommu.h"

struct group {
	struct group *next; /* in use in the context */
	struct lend_iommu *
		iommu; /* of the devices that use it; they hold the reference */
	unsigned int refs; /* devices that use it */
	int number;
	int fd; /* -1 if devices are opened by device nodes */
	bool is_in_container;
	struct kvm_file kvm_file; /* of fd */
};

/* All are called with the context's open lock held. */

/* Counts a device as a user of its group, which must be in no other address
 * space. Returns 0, or -errno with a record. group_put() undoes it. */
int group_join(struct lend_iommu *iommu, const struct request *request,
	       struct group **group);

/* As group_join(), and opens the group and adds it to the address space's
 * container, if that is not done yet. */
int group_get(struct lend_iommu *iommu, const struct request *request,
	      struct group **group);

/* Drops a reference of a device, which must be closed. */
void group_put(struct lend_ctx *ctx, struct group *group);

/* A group in use in the context, or NULL. */
struct group *group_find(struct lend_ctx *ctx, int number);

/* Whether any group is in the address space's container. */
bool group_any_in(const struct lend_iommu *iommu);

/* Opens a device of the group. Returns the descriptor, or -errno with a record.
 */
int group_open_device(struct group *group, const struct request *request);

/* Records why the kernel refused the group, which @call put to it. Returns
 * -errno. */
int group_explain_refusal(const struct group *group, const char *device,
			  int err, const char *call);

#endif
