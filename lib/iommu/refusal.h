/* SPDX-License-Identifier: MIT */
/* Why the kernel refuses a group or a device for which nothing else is known to
 * be wrong. */
#ifndef LIB_IOMMU_REFUSAL_H
#define LIB_IOMMU_REFUSAL_H

#include <lend/context.h>

struct refusal {
	int err;            /* the kernel's, negative */
	const char *device; /* name */
	int group;          /* -1 if unknown */
	const char *module; /* of the back end */
	const char *call;   /* "add IOMMU group 7 to a container" */
};

/* Looks for a cause: 1:1 mappings, then interrupts that are not isolated. If
 * there is none, records the failed call and what was looked at. Returns
 * -errno. */
int refusal_explain(struct lend_ctx *ctx, const struct refusal *refusal);

#endif
