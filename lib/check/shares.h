/* SPDX-License-Identifier: MIT */
/* The file systems that are mounted from a device. */
#ifndef LIB_CHECK_SHARES_H
#define LIB_CHECK_SHARES_H

#include "lib/check/uses.h"

/* Adds the mounts of the device's nodes, and those of file systems that have
 * none: a virtio transport of 9p or virtiofs is known by its tag. */
void shares_add_mounts(struct uses *uses);

#endif
