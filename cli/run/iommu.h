/* SPDX-License-Identifier: MIT */
/* The one I/O address space of a machine, as all its devices ask for it. */
#ifndef CLI_RUN_IOMMU_H
#define CLI_RUN_IOMMU_H

#include <lend/lend.h>

struct run_options;

struct run_iommu {
	struct lend_iommu_options options; /* what the machine is given */
	const char *first; /* -device string that settled it, borrowed */
	const char *id;    /* of the iommufd, borrowed from @asked; or NULL */
	bool unguarded;    /* x-no-iommu-unsafe-dma=on */
};

void run_iommu_init(struct run_iommu *iommu, const struct run_options *asked);

/*
 * Let the device of @spec, which @text spells, into the address space. The
 * first settles what it is, the others must agree. Opens nothing. Returns 0, or
 * -EINVAL with a record.
 */
int run_iommu_join(struct run_iommu *iommu, struct lend_ctx *ctx,
		   const struct run_options *asked,
		   const struct lend_spec *spec, const char *text);

/* Log a warning of each iommufd that no device names. */
void run_iommu_warn_unused(const struct run_iommu *iommu, struct lend_ctx *ctx,
			   const struct run_options *asked);

#endif
