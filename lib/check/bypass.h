/* SPDX-License-Identifier: MIT */
/* Whether the DMA of a virtio device goes through the IOMMU. */
#ifndef LIB_CHECK_BYPASS_H
#define LIB_CHECK_BYPASS_H

#include "lib/check/report.h"

void check_bypass(struct check *check, const struct lend_address *address);

#endif
