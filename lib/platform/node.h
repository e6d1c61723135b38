/* SPDX-License-Identifier: MIT */
/* The node that a guest gets for a device, made from the host's: pure, on a
 * flat tree in memory. */
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
	const char *device; /* what messages call it */
	const struct host_node *host;
	const struct binding *binding;
	const struct node_region *regions;
	unsigned int region_count;
	const struct node_irq *irqs;
	unsigned int irq_count;
	bool keeps_addresses; /* they are the host's */
	const char *drop;     /* names, apart by ':'; or NULL */
	const void *overlay;  /* or NULL */
	uint32_t overlay_size;
};

/*
 * Makes the node below @parent, an offset into @fdt, and beside it what it
 * refers to; then applies the overlay. Offsets into @fdt are void afterwards.
 * @path, of @size bytes, receives the node's path.
 *
 * Returns 0;
 * -ENOSPC where @fdt has no room, no record: try again with a larger one;
 * -ENOTSUP, LEND_ERROR_LIMIT: properties that cannot be brought over, each
 * named; -ENODATA, LEND_ERROR_DEVICE: the binding demands what the device
 * lacks; -EINVAL, LEND_ERROR_ARGUMENT: the overlay is none or does not apply;
 * or another -errno. @fdt is of no use after a failure.
 */
int node_write(const struct node_build *build, void *fdt, int parent,
	       char *path, unsigned int size);

#endif
