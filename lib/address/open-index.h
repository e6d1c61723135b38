/* SPDX-License-Identifier: MIT */
/* The device nodes and VFIO devices that all processes have open or mapped. */
#ifndef LIB_ADDRESS_OPEN_INDEX_H
#define LIB_ADDRESS_OPEN_INDEX_H

#include <stdbool.h>
#include <sys/types.h>

#include <lend/context.h>

/* A file of a process. What is no device node has type 0. */
struct open_file {
	mode_t type; /* S_IFCHR or S_IFBLK */
	dev_t number;
	char *target; /* type 0: path of a file below /dev, or NULL */
	char *device; /* type 0: where the VFIO device is in sysfs, "" if the
			 kernel does not show it; or NULL */
	unsigned int process;
	unsigned int order; /* of the pass */
};

/* Device nodes are sorted by type and number, and come before the others. */
struct open_index {
	struct open_file *files;
	unsigned int count;
	unsigned int nodes; /* those with a type */
	char (*pids)[16];
	unsigned int process_count;
	bool has_others;   /* files without a type were looked at */
	const char *limit; /* why some processes are not visible, or NULL */
};

/*
 * Gets what one pass over all processes finds, this process included, for
 * open_index_put(). @has_others: also what is known by its path alone. During
 * lend_check_begin() there is one pass. NULL without memory.
 */
struct open_index *open_index_get(struct lend_ctx *ctx, bool has_others);
void open_index_put(struct lend_ctx *ctx, struct open_index *index);

/* The first of the nodes with a type and a number, and the end of them. */
unsigned int open_index_find(const struct open_index *index, mode_t type,
			     dev_t number, unsigned int *end);

#endif
