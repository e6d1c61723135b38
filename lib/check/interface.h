/* SPDX-License-Identifier: MIT */
/* How the host uses the network interfaces of a device: addresses, routes,
 * bridges. */
#ifndef LIB_CHECK_INTERFACE_H
#define LIB_CHECK_INTERFACE_H

#include "lib/check/uses.h"

void interface_add_uses(struct uses *uses);

#endif
