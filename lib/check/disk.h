/* SPDX-License-Identifier: MIT */
/* How the host uses the disks of a device. */
#ifndef LIB_CHECK_DISK_H
#define LIB_CHECK_DISK_H

#include "lib/check/uses.h"

/* Adds the volumes on the device's disks to its nodes: device mapper (LVM,
 * LUKS), RAID, loop devices, and what is on those. */
void disk_add_volumes(struct uses *uses);

void disk_add_swap(struct uses *uses);

/* Asks the kernel about each disk and partition without a use that is known. */
void disk_add_claims(struct uses *uses);

#endif
