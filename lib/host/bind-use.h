/* SPDX-License-Identifier: MIT */
/* Whether the host's use of a device forbids to bind it. */
#ifndef LIB_HOST_BIND_USE_H
#define LIB_HOST_BIND_USE_H

#include <lend/address.h>

#include "lib/address/dependents.h"

/* Refuses a part of the chipset, unless it may block other devices of its IOMMU
 * group. Returns 0, or -EINVAL, LEND_ERROR_WRONG_TYPE. */
int bind_check_chipset(const struct lend_address *address);

/* As lend_check_idle(), with the device's dependents. */
int bind_check_use(const struct lend_address *address,
		   const struct dependents *found);

#endif
