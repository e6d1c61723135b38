/* SPDX-License-Identifier: MIT */
/* The device nodes that a device has, found by their numbers in sysfs. */
#ifndef LIB_CHECK_NODES_H
#define LIB_CHECK_NODES_H

#include <stdbool.h>
#include <sys/types.h>

#include <lend/context.h>

struct nodes_entry {
	char *name; /* below /dev */
	char *path; /* its device in sysfs, canonical; "" if it has none */
	mode_t type;
	dev_t number;
	bool is_volume; /* on a disk of the device, not one of them */
	bool is_used;   /* a use of it is reported */
};

struct nodes {
	struct nodes_entry *entries;
	unsigned int count;
};

/* Collects the nodes of every device below @path, the canonical path of
 * @device, whatever their class, for nodes_free(). Those of VFIO are left
 * out. */
void nodes_collect(struct lend_ctx *ctx, const char *device, const char *path,
		   struct nodes *nodes);

/* Adds the node of a block device, by its name in sysfs, unless it is there.
 * Returns its index, or -errno. */
int nodes_add_volume(struct lend_ctx *ctx, struct nodes *nodes,
		     const char *name);

void nodes_free(struct nodes *nodes);

#endif
