/* SPDX-License-Identifier: MIT */
/* Network interfaces of a device that are in other network namespaces. */
#ifndef LIB_CHECK_MOVED_H
#define LIB_CHECK_MOVED_H

#include "lib/check/uses.h"

void moved_add_uses(struct uses *uses);

#endif
