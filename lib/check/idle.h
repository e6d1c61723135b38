/* SPDX-License-Identifier: MIT */
/* Whether the host uses a device, and what of that is unknown. */
#ifndef LIB_CHECK_IDLE_H
#define LIB_CHECK_IDLE_H

#include <lend/address.h>

#include "lib/address/unknown.h"

/* lend_check_idle(); what could not be found out is added to unknown. */
int idle_ask(const struct lend_address *address, struct unknown *unknown);

#endif
