/* SPDX-License-Identifier: MIT */
/* A device in the host's device tree: its node, what the node inherits, and the
 * nodes that its phandles refer to. */
#ifndef LIB_PLATFORM_HOST_H
#define LIB_PLATFORM_HOST_H

#include <stdbool.h>
#include <stdint.h>

struct lend_address;
struct lend_ctx;
struct dt_node;

struct host_node {
	struct dt_node *node;    /* with its children */
	struct dt_node *parents; /* nearest first, the root last; only with
				    properties that nodes inherit */
	struct dt_node *targets; /* nodes that phandles refer to, in no order */
	void *flat; /* the tree in which @node is as here, or NULL */
};

/*
 * Reads a device's node and what it inherits. Returns 0;
 * -ENOENT, LEND_ERROR_NO_DEVICE: the tree has no node for it;
 * -EBADMSG, LEND_ERROR_DEVICE: the tree in sysfs is malformed; or another
 * -errno. The caller must call host_node_free() in any case.
 */
int host_node_read(const struct lend_address *address, struct host_node *host);
void host_node_free(struct host_node *host);

/* Reads the nodes that the node's phandles may refer to, once. Returns as
 * dt_find_phandles(). */
int host_node_resolve(struct lend_ctx *ctx, struct host_node *host);

/* The node of a phandle, NULL if the host has none. Children of the node are
 * found too. */
const struct dt_node *host_target(const struct host_node *host,
				  uint32_t phandle);

/* Entries of "reg"; 0 if it is malformed. */
unsigned int host_region_count(const struct host_node *host);

/* An entry of "reg": its size, and its physical address. Returns whether the
 * tree gives the address; the size is set in any case. */
bool host_region(const struct host_node *host, unsigned int index,
		 uint64_t *address, uint64_t *size);

enum host_trigger {
	HOST_TRIGGER_UNKNOWN, /* the specifier does not have it */
	HOST_TRIGGER_EDGE,
	HOST_TRIGGER_LEVEL,
};

/* Number of the device's interrupts, or -EBADMSG if the tree does not give it.
 * After host_node_resolve(). */
int host_irq_count(const struct host_node *host);
enum host_trigger host_irq_trigger(const struct host_node *host,
				   unsigned int index);

/* The controller of an interrupt, or the last node on the way to it, and the
 * cells of its specifiers; NULL if the tree gives none. */
const struct dt_node *host_irq_controller(const struct host_node *host,
					  unsigned int index, uint32_t *cells);

/* Whether the device's DMA is coherent with the processors' caches, by its own
 * property or an inherited one. */
bool host_is_coherent(const struct host_node *host);

#endif
