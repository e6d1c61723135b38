/* SPDX-License-Identifier: MIT */
/* Whether the IOMMU reaches what the guest's address map has. */
#ifndef VMM_MEMORY_REACH_H
#define VMM_MEMORY_REACH_H

#include <stdbool.h>

struct layout;
struct lend_ctx;
struct lend_iova_range;

/*
 * Devices must reach all RAM; windows for BARs only where other devices are to
 * reach those (@p2p), which is a warning. @count 0: the kernel does not tell,
 * and mapping will. Returns 0, or -ERANGE with a record.
 */
int reach_check(const struct layout *layout, struct lend_ctx *ctx,
		const struct lend_iova_range *ranges, unsigned int count,
		bool p2p);

#endif
