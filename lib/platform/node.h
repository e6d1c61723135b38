/* SPDX-License-Identifier: MIT */
/* Writes a device's node for a guest into a flat tree in memory, from the
 * host's node. */
#ifndef LIB_PLATFORM_NODE_H
#define LIB_PLATFORM_NODE_H

#include <stdbool.h>
#include <stdint.h>

struct binding;
struct host_node;
struct lend_ctx;

struct node_region {
	uint64_t address; /* the guest's */
	uint64_t size;
};

struct node_irq {
	uint32_t spi; /* number of a shared peripheral interrupt, from 0 */
	bool level;
};

struct node_build {
	struct lend_ctx *ctx;
	const char *device; /* its name in messages */
	const struct host_node *host;
	const struct binding *binding;
	const struct node_region *regions;
	unsigned int region_count;
	const struct node_irq *irqs;
	unsigned int irq_count;
	bool keeps_addresses; /* the regions are at the host's addresses */
	const char *drop;     /* names separated by ':', or NULL */
	const char *numbers;  /* the same; these hold no phandles */
	const void *overlay;  /* or NULL */
	uint32_t overlay_size;
};

/*
 * Adds the node below @parent, an offset into @fdt, and the nodes that it
 * refers to; then applies the overlay. Offsets into @fdt become invalid.
 * @path, of @size bytes, receives the node's path.
 *
 * Returns 0;
 * -ENOSPC if @fdt is too small, nothing recorded: try again with a larger one;
 * -ENOTSUP, LEND_ERROR_LIMIT: properties cannot be passed to the guest, each is
 * named; -ENODATA, LEND_ERROR_DEVICE: the device lacks what the binding
 * requires; -EINVAL, LEND_ERROR_ARGUMENT: the overlay is invalid or does not
 * apply; or another -errno. Discard @fdt after a failure.
 */
int node_write(const struct node_build *build, void *fdt, int parent,
	       char *path, unsigned int size);

#endif
