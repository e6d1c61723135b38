/* SPDX-License-Identifier: MIT */
/* Whether the host uses a device, and what of that is unknown. */
#ifndef LIB_CHECK_IDLE_H
#define LIB_CHECK_IDLE_H

#include <lend/address.h>

#include "lib/address/dependents.h"
#include "lib/address/unknown.h"

/* lend_check_idle(); what could not be found out is added to unknown. */
int idle_ask(const struct lend_address *address, struct unknown *unknown);

/* The same for a caller that has collected the device's dependents. */
int idle_check_with(const struct lend_address *address,
		    const struct dependents *found);

#endif
