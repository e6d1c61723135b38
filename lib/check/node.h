/* SPDX-License-Identifier: MIT */
/* Whether this user can open the nodes that a device and KVM require. */
#ifndef LIB_CHECK_NODE_H
#define LIB_CHECK_NODE_H

#include "lib/check/report.h"

/* @group: number of the device's IOMMU group */
void check_nodes(struct check *check, const struct lend_address *address,
		 unsigned int group);
void check_kvm(struct check *check);

#endif
