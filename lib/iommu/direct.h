/* SPDX-License-Identifier: MIT */
/* 1:1 DMA mappings that firmware requires for a group (RMRR, IVMD). */
#ifndef LIB_IOMMU_DIRECT_H
#define LIB_IOMMU_DIRECT_H

#include <lend/context.h>

/* Checks that a group has none. Returns 0, also if its regions cannot be read;
 * or -ENOTSUP with a record that lists them. */
int direct_check(struct lend_ctx *ctx, unsigned int group, const char *device);

#endif
