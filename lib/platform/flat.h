/* SPDX-License-Identifier: MIT */
/* The host's device tree as the firmware gave it to the kernel: one file, of
 * which nodes are read without a call each. */
#ifndef LIB_PLATFORM_FLAT_H
#define LIB_PLATFORM_FLAT_H

#include <stdbool.h>
#include <stdint.h>

struct lend_ctx;
struct dt_node;

/*
 * Reads the flattened tree of the host. Returns NULL where the kernel shows
 * none, as without root's rights, or one that is not well formed: then the tree
 * in sysfs is to be read. The caller frees it by free().
 */
void *flat_read(struct lend_ctx *ctx);

/*
 * The node of @path, if it has the properties and children of @node, which was
 * read from sysfs, and no others; else -1. The tree in sysfs is what the kernel
 * uses: an overlay may have changed it since. Where the node is unchanged, each
 * phandle in it means what it meant at the start, as the kernel gives no
 * phandle to another node.
 */
int flat_find_same(const void *flat, const char *path,
		   const struct dt_node *node);

/* Adds the property @name of a node of the flat tree to a node, if it exists.
 * Returns 0, or -errno without a record. */
int flat_add_property(const void *flat, int at, const char *name,
		      struct dt_node *node);

/* As dt_find_phandles(), without a record. */
int flat_find_phandles(const void *flat, const uint32_t *phandles,
		       unsigned int count, struct dt_node **nodes);

#endif
