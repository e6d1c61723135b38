// SPDX-License-Identifier: MIT
// Decides which properties of the host's node a guest gets, and how.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libfdt.h>

#include <lend/error.h>

#include "lib/platform/host.h"
#include "lib/platform/overlay.h"
#include "lib/platform/node-plan.h"
#include "lib/platform/tree.h"

static bool is_dropped(const char *drop, const char *name, size_t length)
{
	while (drop && *drop) {
		size_t one = strcspn(drop, ":");

		if (one == length && !memcmp(drop, name, one))
			return true;
		drop += one + (drop[one] == ':');
	}
	return false;
}

bool node_plan_settles(const struct node_plan *plan, const char *name)
{
	const struct node_build *b = plan->build;

	return is_dropped(b->drop, name, strlen(name)) ||
	       (b->overlay && overlay_sets(b->overlay, plan->path, name));
}

bool node_plan_leaves_child(const struct node_plan *plan,
			    const struct dt_node *child)
{
	const char *drop = plan->build->drop;

	return is_dropped(drop, child->name, strlen(child->name)) ||
	       is_dropped(drop, child->name, (size_t)dt_base_length(child));
}

enum fate node_plan_fate(const struct node_plan *plan,
			 const struct dt_property *p, bool is_child,
			 char cells[REFERENCE_CELLS])
{
	const struct node_build *b = plan->build;

	if (is_child ? is_dropped(b->drop, p->name, strlen(p->name))
		     : node_plan_settles(plan, p->name))
		return FATE_LEFT;
	switch (reference_find(b->host, p, is_child, cells)) {
	case REFERENCE_MADE:
		return FATE_LEFT;
	case REFERENCE_LIST:
	case REFERENCE_OPAQUE:
		return FATE_REWRITTEN;
	default:
		return FATE_COPIED;
	}
}

static void node_plan_add_trouble(struct node_plan *plan,
				  const struct dt_node *node,
				  const struct dt_property *p, bool is_child,
				  const struct dt_node *target, const char *why)
{
	struct lend_ctx *ctx = plan->build->ctx;
	const char *place = is_child ? node->name : "";
	size_t used = strlen(plan->drop);

	if (!plan->troubles++)
		lend_error_set(ctx, LEND_ERROR_LIMIT, ENOTSUP,
			       plan->build->device,
			       "property '%s' refers to a node that the guest "
			       "will not have",
			       p->name);
	if (target && target->path)
		lend_error_evidence(ctx, "%s%s%s: %s: %s", place,
				    is_child ? "/" : "", p->name, target->path,
				    why);
	else
		lend_error_evidence(ctx, "%s%s%s: %s", place,
				    is_child ? "/" : "", p->name, why);
	if (!is_dropped(plan->drop, p->name, strlen(p->name)))
		snprintf(plan->drop + used, sizeof(plan->drop) - used, "%s%s",
			 used ? ":" : "", p->name);
}

int node_plan_verdict(const struct node_plan *plan)
{
	struct lend_ctx *ctx = plan->build->ctx;

	if (!plan->troubles)
		return 0;
	lend_error_remedy(
		ctx, "drop what the guest's driver does not need: dt-drop=%s",
		plan->drop);
	return lend_error_remedy(
		ctx,
		"or set the properties in an overlay: dt-overlay=FILE.dtbo");
}

static bool is_within(const struct dt_node *node, const struct dt_node *target)
{
	bool found = node == target;

	for (const struct dt_node *c = node->children; c && !found; c = c->next)
		found = is_within(c, target);
	return found;
}

/* An entry of a list: the node that it refers to, and its number of cells. */
struct entry {
	const struct dt_node *target; /* NULL for an empty entry */
	uint32_t phandle;
	uint32_t cells;
	const char *why; /* it is malformed; or NULL */
};

static struct entry read_entry(const struct host_node *host,
			       const struct dt_property *p, uint32_t at,
			       const char *cells)
{
	struct entry e = {.phandle = dt_cell(p, at), .cells = 1};

	if (!e.phandle || e.phandle == UINT32_MAX)
		return e;
	e.target = host_target(host, e.phandle);
	if (!e.target)
		e.why = "no node of the host has that phandle";
	else if (*cells)
		e.cells += dt_number(e.target, cells, 0);
	if (!e.cells || e.cells > dt_cells(p) - at)
		e.why = "the entry extends past the end of the property";
	return e;
}

static int node_plan_list(struct node_plan *plan, const struct dt_node *node,
			  const struct dt_property *p, bool is_child,
			  const char *cells)
{
	const struct host_node *host = plan->build->host;
	uint32_t phandle;
	int result;

	if (!dt_cells(p) && p->size) {
		node_plan_add_trouble(plan, node, p, is_child, NULL,
				      "its size is not a multiple of 4");
		return 0;
	}
	for (uint32_t at = 0; at < dt_cells(p);) {
		struct entry e = read_entry(host, p, at, cells);

		if (e.why) {
			node_plan_add_trouble(plan, node, p, is_child, e.target,
					      e.why);
			return 0;
		}
		at += e.cells;
		if (!e.target || is_within(host->node, e.target))
			continue;
		result = remake_node(&plan->remade, host, e.target, plan->fdt,
				     &phandle, &e.why);
		if (result < 0)
			return result;
		if (!result)
			node_plan_add_trouble(plan, node, p, is_child, e.target,
					      e.why);
	}
	return 0;
}

int node_plan_property(struct node_plan *plan, const struct dt_node *node,
		       const struct dt_property *p, bool is_child)
{
	const struct node_build *b = plan->build;
	char cells[REFERENCE_CELLS];

	if (node_plan_fate(plan, p, is_child, cells) == FATE_LEFT)
		return 0;
	switch (reference_find(b->host, p, is_child, cells)) {
	case REFERENCE_HOST:
		if (!b->keeps_addresses && node->children)
			node_plan_add_trouble(
				plan, node, p, is_child, NULL,
				"it holds host addresses; dt-keep-address=on "
				"gives the guest the same ones");
		return 0;
	case REFERENCE_OPAQUE:
		node_plan_add_trouble(
			plan, node, p, is_child,
			dt_cells(p) ? host_target(b->host, dt_cell(p, 0))
				    : NULL,
			"it holds phandles in an unknown form");
		return 0;
	case REFERENCE_LIST:
		return node_plan_list(plan, node, p, is_child, cells);
	default:
		return 0;
	}
}

int node_plan_targets(struct node_plan *plan, const struct dt_node *node,
		      bool is_child)
{
	int err = 0;

	for (const struct dt_property *p = node->properties; p && !err;
	     p = p->next)
		err = node_plan_property(plan, node, p, is_child);
	for (const struct dt_node *c = node->children; c && !err; c = c->next)
		if (!node_plan_leaves_child(plan, c))
			err = node_plan_targets(plan, c, true);
	return err;
}

static int number_all(struct node_plan *plan, const struct dt_node *node,
		      uint32_t *next)
{
	uint32_t host = dt_number(node, "phandle", 0);
	int err = 0;

	if (host)
		err = remade_add(&plan->remade, host, (*next)++);
	for (const struct dt_node *c = node->children; c && !err; c = c->next)
		if (!node_plan_leaves_child(plan, c))
			err = number_all(plan, c, next);
	return err;
}

int node_plan_number(struct node_plan *plan, const struct dt_node *node)
{
	uint32_t next;
	int err = dt_errno(fdt_generate_phandle(plan->fdt, &next));

	return err ? err : number_all(plan, node, &next);
}

void node_plan_rewrite(const struct node_plan *plan,
		       const struct dt_property *p, const char *cells,
		       uint8_t *data)
{
	const struct host_node *host = plan->build->host;

	memcpy(data, p->data, p->size);
	for (uint32_t at = 0; at < dt_cells(p);) {
		struct entry e = read_entry(host, p, at, cells);

		if (e.target)
			fdt32_st(data + 4UL * at,
				 remade_find(&plan->remade, e.phandle));
		at += e.cells;
	}
}
