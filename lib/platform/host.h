/* SPDX-License-Identifier: MIT */
/* What the host's device tree says of a device: its node, what that inherits,
 * and the nodes that its phandles lead to. */
#ifndef LIB_PLATFORM_HOST_H
#define LIB_PLATFORM_HOST_H

#include <stdbool.h>
#include <stdint.h>

struct lend_address;
struct lend_ctx;
struct dt_node;

struct host_node {
	struct dt_node *node;    /* with its children */
	struct dt_node *parents; /* nearest first, the root last; with no more
				  * than what a node inherits from them */
	struct dt_node *targets; /* what phandles lead to, in no order */
};

/*
 * Reads a device's node and what it inherits. Returns 0;
 * -ENOENT, LEND_ERROR_NO_DEVICE: the tree has no node for it;
 * -EBADMSG, LEND_ERROR_DEVICE: what sysfs says makes no sense;
 * or another -errno. host_node_free() is due either way.
 */
int host_node_read(const struct lend_address *address, struct host_node *host);
void host_node_free(struct host_node *host);

/* Reads the nodes that may be meant by the node's phandles, once. Returns as
 * dt_find_phandles(). */
int host_node_resolve(struct lend_ctx *ctx, struct host_node *host);

/* The node of a phandle, NULL where the host has none. Children of the node are
 * found too. */
const struct dt_node *host_target(const struct host_node *host,
				  uint32_t phandle);

/* Entries of "reg"; 0 where it makes no sense. */
unsigned int host_region_count(const struct host_node *host);

/* An entry of "reg": its size, and its physical address. Returns whether the
 * tree tells that address; the size is told in any case. */
bool host_region(const struct host_node *host, unsigned int index,
		 uint64_t *address, uint64_t *size);

enum host_trigger {
	HOST_TRIGGER_UNKNOWN, /* of a controller whose cells are not known */
	HOST_TRIGGER_EDGE,
	HOST_TRIGGER_LEVEL,
};

/* Interrupts of the device, or -EBADMSG where their number cannot be told.
 * After host_node_resolve(). */
int host_irq_count(const struct host_node *host);
enum host_trigger host_irq_trigger(const struct host_node *host,
				   unsigned int index);

/* Whether the device's DMA is coherent with the processors' caches, by its own
 * property or one that it inherits. */
bool host_is_coherent(const struct host_node *host);

#endif
