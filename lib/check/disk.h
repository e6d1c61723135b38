/* SPDX-License-Identifier: MIT */
/* How the host uses the disks of a device: file systems, swap, volumes. */
#ifndef LIB_CHECK_DISK_H
#define LIB_CHECK_DISK_H

#include "lib/check/uses.h"

void disk_add_uses(struct uses *uses);

#endif
