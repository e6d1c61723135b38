/* SPDX-License-Identifier: MIT */
/* Recreates in a guest's tree the nodes that a device's node refers to. */
#ifndef LIB_PLATFORM_REMAKE_H
#define LIB_PLATFORM_REMAKE_H

#include <stdint.h>

struct host_node;
struct dt_node;

/* More than the nodes that are read with a device's, and the nodes that these
 * refer to. A board's audio hub has 334. */
#define REMADE_MAX 2048

/* Phandles of host nodes, and of the guest's nodes that replace them. */
struct remade {
	struct {
		uint32_t host;
		uint32_t guest;
	} phandles[REMADE_MAX];
	unsigned int count;
};

/*
 * Creates a node below the guest's root that replaces @target, with a phandle;
 * an identical node is reused.
 * Returns 1; 0 if it cannot be recreated, with the reason in *why; -ENOSPC if
 * @fdt is too small; or another -errno of libfdt's errors.
 */
int remake_node(struct remade *remade, const struct host_node *host,
		const struct dt_node *target, void *fdt, uint32_t *phandle,
		const char **why);

/* Records that a node of the guest replaces one of the host. Returns 0, or
 * -E2BIG. */
int remade_add(struct remade *remade, uint32_t host, uint32_t guest);

/* The guest's phandle for one of the host's, or 0. */
uint32_t remade_find(const struct remade *remade, uint32_t host);

/* An error of libfdt as -errno. */
int dt_errno(int err);

#endif
