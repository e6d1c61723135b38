/* SPDX-License-Identifier: MIT */
/* The disks of a device that the kernel exports to other machines. */
#ifndef LIB_CHECK_EXPORTS_H
#define LIB_CHECK_EXPORTS_H

#include "lib/check/uses.h"

void exports_add_uses(struct uses *uses);

#endif
