/* SPDX-License-Identifier: MIT */
/* Nodes of the host's device tree in memory: names are valid and sizes bounded,
 * all else is untrusted. */
#ifndef LIB_PLATFORM_TREE_H
#define LIB_PLATFORM_TREE_H

#include <stdbool.h>
#include <stdint.h>

/* Longest name of a node or a property, as sysfs can have it. */
#define DT_NAME 255

/* The largest property, in bytes: far more than any device has. */
#define DT_PROPERTY (64 << 10)

struct dt_property {
	struct dt_property *next;
	char *name;
	uint32_t size;
	uint8_t data[]; /* a NUL follows it */
};

struct dt_node {
	struct dt_node *next; /* a sibling, or the next in a list */
	char *name;           /* "xgmac@e0900000" */
	char *path;           /* from the tree's root; NULL for a child */
	struct dt_property *properties; /* sorted by name */
	struct dt_node *children;
};

/* Whether a node or a property may have a name. */
bool dt_is_name(const char *name);

/* Returns NULL if out of memory. @path may be NULL. */
struct dt_node *dt_node_new(const char *name, const char *path);

/* Frees the node, its children and all that follow it. NULL is allowed. */
void dt_nodes_free(struct dt_node *node);

/* Adds a property, which must not exist yet. Returns 0, or -ENOMEM. */
int dt_add(struct dt_node *node, const char *name, const void *data,
	   uint32_t size);

/* The property of that name, or NULL. */
const struct dt_property *dt_get(const struct dt_node *node, const char *name);

/* A property's cell, which must be within it. */
uint32_t dt_cell(const struct dt_property *property, uint32_t index);

/* Number of cells of a property, 0 if its size is not a multiple of 4 or it is
 * NULL. */
uint32_t dt_cells(const struct dt_property *property);

/* The value of a property of one cell, or the fallback. */
uint32_t dt_number(const struct dt_node *node, const char *name,
		   uint32_t fallback);

/* A node's own phandle, 0 if it has none. */
uint32_t dt_phandle(const struct dt_node *node);

/* A string of a property that is a list of strings; NULL if there is none. */
const char *dt_string(const struct dt_property *property, unsigned int index);

/* Whether the node's "compatible" lists a word. */
bool dt_is_compatible(const struct dt_node *node, const char *word);

/* Length of the node's name without '@' and what follows. */
int dt_base_length(const struct dt_node *node);

#endif
