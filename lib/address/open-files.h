/* SPDX-License-Identifier: MIT */
/* Which processes have device nodes, or a device of VFIO, open or mapped. */
#ifndef LIB_ADDRESS_OPEN_FILES_H
#define LIB_ADDRESS_OPEN_FILES_H

#include <sys/types.h>

#include <lend/context.h>

/* A longer list helps nobody. */
enum { OPEN_MATCHES = 64 };

/* The description of a process, with its NUL. */
enum { OPEN_PROCESS = 192 };

/* A node is known by its number: its path differs in a container, and is no
 * longer there after a removal. */
struct open_node {
	mode_t type; /* S_IFCHR or S_IFBLK; 0: known by its path alone */
	dev_t number;
	const char *path;
};

/* In place of the index of a node. */
enum {
	OPEN_DEVICE = -1,  /* a VFIO descriptor of the device */
	OPEN_UNKNOWN = -2, /* a VFIO descriptor; the kernel shows not of what */
};

struct open_match {
	int node; /* its index */
	char pid[16];
};

struct open_files {
	const struct open_node *nodes;
	unsigned int node_count;
	/* Canonical path of the device whose VFIO descriptors are looked for,
	 * or NULL. Linux 6.18 and later name it in fdinfo. */
	const char *device;

	struct open_match matches[OPEN_MATCHES]; /* one a process and node */
	unsigned int count;
	const char *limit; /* why some processes are not visible, or NULL */
};

/* One pass over the open files and mappings of all processes, this process
 * included; fills in the matches and the limit. */
void open_files_find(struct lend_ctx *ctx, struct open_files *files);

/* Describes node by what its path leads to now. */
struct open_node open_node_at(struct lend_ctx *ctx, const char *path);

/* Writes "nginx (pid 31, user root)". */
void open_files_describe(struct lend_ctx *ctx, const char *pid,
			 char text[OPEN_PROCESS]);

/* Adds a line of evidence to the error record: "PATH is held by qemu (pid 3141,
 * user bob)"; or with path NULL, that it has some VFIO device open. */
void open_files_add_evidence(struct lend_ctx *ctx, const char *path,
			     const char *pid);

#endif
