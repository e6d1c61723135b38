/* SPDX-License-Identifier: MIT */
/* Opens device nodes by their numbers, whatever /dev has. */
#ifndef LIB_ADDRESS_DEVICE_NODE_H
#define LIB_ADDRESS_DEVICE_NODE_H

#include <lend/context.h>

#include "lib/address/open-files.h"

/* Reads a device number, "8:2", from an attribute of sysfs. Returns 0 or
 * -errno, no record. */
int device_node_number(struct lend_ctx *ctx, const char *attribute,
		       dev_t *number);

/* An open that asks whether a node is in use makes it busy for a moment, for
 * everybody else that asks or opens it then: so many more attempts are made,
 * with a pause before each. */
enum { DEVICE_NODE_RETRIES = 3 };

void device_node_pause(struct lend_ctx *ctx);

/* Opens a node by its path if that leads to its number, else by a temporary
 * node, which requires root. Returns the descriptor or -errno, no record. */
int device_node_open(struct lend_ctx *ctx, const struct open_node *node,
		     int flags);

#endif
