/* SPDX-License-Identifier: MIT */
/* Checks that the IOMMU can map the guest's RAM and BAR windows. */
#ifndef VMM_MEMORY_REACH_H
#define VMM_MEMORY_REACH_H

#include <stdbool.h>

struct layout;
struct lend_ctx;
struct lend_iova_range;

/*
 * Devices must reach all RAM. With @p2p they should reach the BAR windows too;
 * if not, a warning is logged. @count 0: the kernel does not report its ranges,
 * so nothing is checked and mapping may fail later. Returns 0, or -ERANGE with
 * a record.
 */
int reach_check(const struct layout *layout, struct lend_ctx *ctx,
		const struct lend_iova_range *ranges, unsigned int count,
		bool p2p);

#endif
