/* SPDX-License-Identifier: MIT */
/* Checks and applies device-tree overlays that the user supplies. */
#ifndef LIB_PLATFORM_OVERLAY_H
#define LIB_PLATFORM_OVERLAY_H

#include <stdbool.h>
#include <stdint.h>

struct lend_ctx;

/* The label by which an overlay refers to the device's node. */
#define OVERLAY_LABEL "device"

/* Checks that it is a complete flat tree of @size bytes. Returns 0, or -EINVAL
 * with a record. */
int overlay_check(struct lend_ctx *ctx, const void *overlay, uint32_t size);

/* Whether a fragment sets property @name of the node at @path. It refers to the
 * node by that path or by OVERLAY_LABEL. The overlay was checked. */
bool overlay_sets(const void *overlay, const char *path, const char *name);

/*
 * Applies a checked overlay to a tree that has a node, with a phandle, at
 * @path. Returns 0; -ENOSPC, no record; or -EINVAL, LEND_ERROR_ARGUMENT; or
 * -ENOMEM, LEND_ERROR_MEMORY.
 */
int overlay_apply(struct lend_ctx *ctx, void *fdt, const char *path,
		  const void *overlay, uint32_t size);

#endif
