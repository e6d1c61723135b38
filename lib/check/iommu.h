/* SPDX-License-Identifier: MIT */
/* Whether VFIO accepts the IOMMU of a device. */
#ifndef LIB_CHECK_IOMMU_H
#define LIB_CHECK_IOMMU_H

#include "lib/check/report.h"

/* Checks for 1:1 mappings in IOMMU group @group, and whether the device's
 * interrupts are isolated. */
void check_iommu(struct check *check, const struct lend_address *address,
		 unsigned int group);

#endif
