/* SPDX-License-Identifier: MIT */
/* Whether a PCI function is a part of the host's chipset. */
#ifndef LIB_CHECK_CHIPSET_H
#define LIB_CHECK_CHIPSET_H

#include "lib/check/report.h"

/* Returns whether it is none. */
bool check_chipset(struct check *check, const struct lend_address *address);

/* The verdict alone: 0, or -EINVAL, LEND_ERROR_WRONG_TYPE. */
int chipset_refuse(const struct lend_address *address);

#endif
