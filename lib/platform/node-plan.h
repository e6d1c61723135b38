/* SPDX-License-Identifier: MIT */
/* Which properties of the host's node go over to a guest, and what for the
 * others stand in. */
#ifndef LIB_PLATFORM_NODE_PLAN_H
#define LIB_PLATFORM_NODE_PLAN_H

#include "lib/platform/node.h"
#include "lib/platform/reference.h"
#include "lib/platform/remake.h"

struct dt_node;
struct dt_property;

struct node_plan {
	const struct node_build *build;
	void *fdt;
	const char *path; /* of the guest's node */
	struct remade remade;
	unsigned int troubles; /* properties that cannot go over */
	char drop[512];        /* their names, apart by ':' */
};

/* What becomes of a property. */
enum fate {
	FATE_LEFT, /* out: made anew, dropped, or set by the overlay */
	FATE_COPIED,
	FATE_REWRITTEN, /* with the guest's phandles; cells as in reference.h */
};

enum fate node_plan_fate(const struct node_plan *plan,
			 const struct dt_property *p, bool is_child,
			 char cells[REFERENCE_CELLS]);

/* Whether a child of the node is left out. */
bool node_plan_leaves_child(const struct node_plan *plan,
			    const struct dt_node *child);

/* Whether "dt-drop" or the overlay settles a property of the node itself. */
bool node_plan_settles(const struct node_plan *plan, const char *name);

/* Makes what the properties of a node and its children refer to. What cannot be
 * made is noted in the error record. Returns 0 even so, or -errno. */
int node_plan_targets(struct node_plan *plan, const struct dt_node *node,
		      bool is_child);

/* The same for one property. */
int node_plan_property(struct node_plan *plan, const struct dt_node *node,
		       const struct dt_property *p, bool is_child);

/* Numbers the nodes that go over, for those that refer to them. */
int node_plan_number(struct node_plan *plan, const struct dt_node *node);

/* Ends the record of troubles. Returns 0 where there are none, or -ENOTSUP. */
int node_plan_verdict(const struct node_plan *plan);

/* A list's phandles replaced by the guest's, in @data of the property's size.
 */
void node_plan_rewrite(const struct node_plan *plan,
		       const struct dt_property *p, const char *cells,
		       uint8_t *data);

#endif
