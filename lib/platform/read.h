/* SPDX-License-Identifier: MIT */
/* Nodes of the host's device tree, read from sysfs within bounds. */
#ifndef LIB_PLATFORM_READ_H
#define LIB_PLATFORM_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/sysfs.h"

struct lend_ctx;
struct dt_node;

/*
 * The directory @dir as a node with all its properties, and its children where
 * that is asked for. @path is what the node's path will say. Returns 0;
 * -EBADMSG, LEND_ERROR_DEVICE, where a name or a size makes no sense; or
 * another -errno, LEND_ERROR_SYSTEM or LEND_ERROR_MEMORY.
 */
int dt_read(struct lend_ctx *ctx, const char *dir, const char *path,
	    bool with_children, struct dt_node **node);

/* Adds the property @name of the directory @dir to a node, where it is there.
 * Returns as dt_read(). */
int dt_read_property(struct lend_ctx *ctx, const char *dir, const char *name,
		     struct dt_node *node);

/* Where the host's device tree is, resolved. Returns 0; or -ENOENT,
 * LEND_ERROR_NO_DEVICE, where it has none. */
int dt_find_root(struct lend_ctx *ctx, char root[SYSFS_PATH]);

/*
 * The nodes, without children, that any of @count @phandles names, as a list in
 * no order; what no node has is left out. One walk of the whole tree at most,
 * and none where @count is 0. Returns as dt_read(), or -E2BIG,
 * LEND_ERROR_DEVICE, where the tree is deeper or larger than any is.
 */
int dt_find_phandles(struct lend_ctx *ctx, const char *root,
		     const uint32_t *phandles, unsigned int count,
		     struct dt_node **nodes);

#endif
