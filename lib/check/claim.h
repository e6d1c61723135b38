/* SPDX-License-Identifier: MIT */
/* Asks the kernel whether a block device is claimed. */
#ifndef LIB_CHECK_CLAIM_H
#define LIB_CHECK_CLAIM_H

#include <lend/context.h>

#include "lib/check/nodes.h"

/* Returns 0 if nothing claims it; -EBUSY if a mount in any namespace, swap, a
 * volume (MD, device mapper, btrfs, ZFS, bcache, DRBD) or a process does; or
 * another -errno if that is unknown. No record is made. */
int claim_ask(struct lend_ctx *ctx, const struct nodes_entry *entry);

#endif
