/* SPDX-License-Identifier: MIT */
/* Answers for a whole board's device tree from memory, and for all else as the
 * kernel below: thousands of devices are read in seconds. */
#ifndef TESTS_UNIT_LIB_PLATFORM_BOARDS_KERNEL_H
#define TESTS_UNIT_LIB_PLATFORM_BOARDS_KERNEL_H

#include <search.h>

#include "lib/base/kernel.h"

enum { BOARDS_FILES = 8 };

/* A node or a property. */
struct boards_entry {
	int offset;
	const char *dirs; /* names of a node's children, then an empty one */
};

struct boards_kernel {
	struct kernel kernel; /* first: what the library calls */
	const struct kernel *below;
	const char *root;   /* of the tree: ".../firmware/devicetree/base" */
	const char *device; /* path in the tree of each of_node link */
	const void *fdt;
	struct hsearch_data index; /* entries by path */
	struct boards_entry *entries;
	unsigned int count;
	char *names; /* the keys */
	struct {
		const char *data; /* NULL if it is not open */
		size_t size;
		size_t at;
	} files[BOARDS_FILES];
};

/* Sets the calls up, without a tree. */
void boards_kernel_init(struct boards_kernel *k, const struct kernel *below,
			const char *root);

/* Answers from another tree, or from none. The tree is borrowed. */
void boards_kernel_load(struct boards_kernel *k, const void *fdt);
void boards_kernel_unload(struct boards_kernel *k);

#endif
