/* SPDX-License-Identifier: MIT */
/* Chooses the I/O address space that all devices of a machine share. */
#ifndef CLI_RUN_IOMMU_H
#define CLI_RUN_IOMMU_H

#include <lend/lend.h>

struct run_options;

struct run_iommu {
	struct lend_iommu_options options; /* passed to the machine */
	const char *first; /* the -device string that chose it, borrowed */
	const char *id;    /* of the iommufd, borrowed from @asked; or NULL */
	bool unguarded;    /* x-no-iommu-unsafe-dma=on */
};

void run_iommu_init(struct run_iommu *iommu, const struct run_options *asked);

/*
 * Adds the device of @spec, parsed from @text, to the address space. The first
 * device chooses it, the others must agree. Opens nothing. Returns 0, or
 * -EINVAL with a record.
 */
int run_iommu_join(struct run_iommu *iommu, struct lend_ctx *ctx,
		   const struct run_options *asked,
		   const struct lend_spec *spec, const char *text);

/*
 * After all devices: those that are plugged later use iommufd, by the machine's
 * -object if it has one. Returns 0, or -EINVAL with a record.
 */
int run_iommu_keep_open(struct run_iommu *iommu, struct lend_ctx *ctx,
			const struct run_options *asked);

/* Logs a warning for each iommufd that no device uses. */
void run_iommu_warn_unused(const struct run_iommu *iommu, struct lend_ctx *ctx,
			   const struct run_options *asked);

#endif
