/* SPDX-License-Identifier: MIT */
/* Checks what guests get of the devices of a board, against its device tree. */
#ifndef TESTS_UNIT_LIB_PLATFORM_BOARDS_H
#define TESTS_UNIT_LIB_PLATFORM_BOARDS_H

#include <stdbool.h>

/* A host's tree. If it was compiled as a plugin, its "__local_fixups__" lists
 * the cells that are references. */
struct boards_host {
	const void *fdt;
	bool has_fixups;
};

/* Whether a property of a node or of one below it has a reference; known only
 * with fixups. */
bool boards_refers(const struct boards_host *host, const char *path,
		   const char *name);

/*
 * Prints the properties of the guest's node, and of those below it, that have a
 * phandle of the host's tree which is not that of the guest's own node. Returns
 * their number.
 */
unsigned int boards_check_phandles(const struct boards_host *host,
				   const char *path, const void *guest,
				   int node);

/* Whether one tree has all that another has below a node, byte for byte. */
bool boards_tree_has(const void *fdt, int node, const void *other, int twin);

#endif
