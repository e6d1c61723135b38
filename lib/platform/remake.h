/* SPDX-License-Identifier: MIT */
/* Nodes that a device's node refers to, made anew in a guest's tree. */
#ifndef LIB_PLATFORM_REMAKE_H
#define LIB_PLATFORM_REMAKE_H

#include <stdint.h>

struct host_node;
struct dt_node;

/* Which node of the guest stands for which of the host. */
struct remade {
	struct {
		uint32_t host;
		uint32_t guest;
	} phandles[256];
	unsigned int count;
};

/*
 * A node of the guest's root that does what @target does, with a phandle; one
 * that is there already and the same is taken.
 * Returns 1; 0 where it cannot be made anew, *why in words; -ENOSPC where @fdt
 * has no room; or another -errno of libfdt's errors.
 */
int remake_node(struct remade *remade, const struct host_node *host,
		const struct dt_node *target, void *fdt, uint32_t *phandle,
		const char **why);

/* Notes that a node of the guest stands for one of the host. Returns 0, or
 * -E2BIG. */
int remade_add(struct remade *remade, uint32_t host, uint32_t guest);

/* The guest's phandle for one of the host's, or 0. */
uint32_t remade_find(const struct remade *remade, uint32_t host);

/* An error of libfdt as -errno. */
int dt_errno(int err);

#endif
