/* SPDX-License-Identifier: MIT */
/* Reads nodes of the host's device tree from sysfs, within limits. */
#ifndef LIB_PLATFORM_READ_H
#define LIB_PLATFORM_READ_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/sysfs.h"

struct lend_ctx;
struct dt_node;

/*
 * Reads the directory @dir as a node with its properties, and with its children
 * if @with_children is true. @path becomes the node's path. Returns 0;
 * -EBADMSG, LEND_ERROR_DEVICE: a name or a size is invalid; or another -errno,
 * LEND_ERROR_SYSTEM or LEND_ERROR_MEMORY.
 */
int dt_read(struct lend_ctx *ctx, const char *dir, const char *path,
	    bool with_children, struct dt_node **node);

/* Adds the property @name of the directory @dir to a node, if it exists.
 * Returns as dt_read(). */
int dt_read_property(struct lend_ctx *ctx, const char *dir, const char *name,
		     struct dt_node *node);

/* Finds the resolved path of the host's device tree. Returns 0; or -ENOENT,
 * LEND_ERROR_NO_DEVICE: the host has none. */
int dt_find_root(struct lend_ctx *ctx, char root[SYSFS_PATH]);

/* Whether @phandle is one of @count @phandles, which are in ascending order. */
bool dt_is_wanted(const uint32_t *phandles, unsigned int count,
		  uint32_t phandle);

/*
 * Reads the nodes, without children, that have one of @count @phandles, which
 * are in ascending order, into a list in no order; phandles of no node are
 * ignored. Walks the tree once at most, and not if @count is 0. Returns as
 * dt_read(), or -E2BIG, LEND_ERROR_DEVICE, if the tree exceeds the limits.
 */
int dt_find_phandles(struct lend_ctx *ctx, const char *root,
		     const uint32_t *phandles, unsigned int count,
		     struct dt_node **nodes);

#endif
