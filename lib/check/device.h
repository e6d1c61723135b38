/* SPDX-License-Identifier: MIT */
/* The checks of one device: type, group, driver, other members, nodes,
 * holders. */
#ifndef LIB_CHECK_DEVICE_H
#define LIB_CHECK_DEVICE_H

#include "lib/check/report.h"

void check_device(struct check *check, const struct lend_address *address);

#endif
