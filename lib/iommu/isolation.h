/* SPDX-License-Identifier: MIT */
/* Whether a device can raise only its own interrupts: VFIO refuses to open one
 * that can forge others. */
#ifndef LIB_IOMMU_ISOLATION_H
#define LIB_IOMMU_ISOLATION_H

#include <stdbool.h>

#include <lend/context.h>

enum isolation {
	ISOLATION_UNKNOWN,
	ISOLATION_YES,
	ISOLATION_NO,
	/* It has no MSI controller, which Linux since 6.3 takes for a no. */
	ISOLATION_NO_MSI,
};

/* Returns what the kernel shows, and in @witness where; "" if nowhere. */
enum isolation isolation_find(struct lend_ctx *ctx, const char *device,
			      char witness[256]);

/* Whether the module of a back end was loaded to ignore this. */
bool isolation_is_waived(struct lend_ctx *ctx, const char *module);

/* Records that interrupts are not isolated, as @witness shows; a parameter of
 * @module overrides the check. Returns -ENOTSUP. */
int isolation_explain(struct lend_ctx *ctx, const char *device,
		      const char *module, const char *witness);

#endif
