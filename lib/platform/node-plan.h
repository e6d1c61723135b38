/* SPDX-License-Identifier: MIT */
/* Decides which properties of the host's node a guest gets, and how. */
#ifndef LIB_PLATFORM_NODE_PLAN_H
#define LIB_PLATFORM_NODE_PLAN_H

#include "lib/platform/node.h"
#include "lib/platform/reference.h"
#include "lib/platform/remake.h"

struct dt_node;
struct dt_property;

/* Names separated by ':'. */
struct node_plan_names {
	char text[400];
	bool is_cut; /* there are more */
};

struct node_plan {
	const struct node_build *build;
	void *fdt;
	const char *path; /* of the guest's node */
	struct remade remade;
	unsigned int troubles; /* properties that cannot be passed on */
	struct node_plan_names references; /* of these, by their forms */
	struct node_plan_names likely;     /* of those of unknown forms */
};

/* What happens to a property. */
enum fate {
	FATE_LEFT, /* left out: generated, dropped, or set by the overlay */
	FATE_COPIED,
	FATE_REWRITTEN, /* with the guest's phandles; cells as in reference.h */
};

enum fate node_plan_fate(const struct node_plan *plan,
			 const struct dt_property *p, bool is_child,
			 char cells[REFERENCE_CELLS]);

/* Whether a child of the node is left out. */
bool node_plan_leaves_child(const struct node_plan *plan,
			    const struct dt_node *child);

/* Whether "dt-drop" or the overlay decides on a property of the node itself. */
bool node_plan_settles(const struct node_plan *plan, const char *name);

/* Creates the nodes that the properties of a node and its children refer to.
 * Those that cannot be created are added to the error record. Returns 0 even
 * then, or -errno. */
int node_plan_targets(struct node_plan *plan, const struct dt_node *node,
		      bool is_child);

/* The same for one property. */
int node_plan_property(struct node_plan *plan, const struct dt_node *node,
		       const struct dt_property *p, bool is_child);

/* Assigns phandles to the nodes that are copied. */
int node_plan_number(struct node_plan *plan, const struct dt_node *node);

/* Completes the error record. Returns 0, or -ENOTSUP if a property cannot be
 * passed on. */
int node_plan_verdict(const struct node_plan *plan);

/* Copies a list to @data, of the property's size, with the guest's phandles.
 */
void node_plan_rewrite(const struct node_plan *plan,
		       const struct dt_property *p, const char *cells,
		       uint8_t *data);

#endif
