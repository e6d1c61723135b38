// SPDX-License-Identifier: MIT
// Decides which properties of the host's node a guest gets, and how.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <libfdt.h>

#include <lend/error.h>

#include "lib/platform/binding.h"
#include "lib/platform/host.h"
#include "lib/platform/overlay.h"
#include "lib/platform/node-plan.h"
#include "lib/platform/tree.h"

static bool is_named(const char *names, const char *name, size_t length)
{
	while (names && *names) {
		size_t one = strcspn(names, ":");

		if (one == length && !memcmp(names, name, one))
			return true;
		names += one + (names[one] == ':');
	}
	return false;
}

bool node_plan_settles(const struct node_plan *plan, const char *name)
{
	const struct node_build *b = plan->build;

	return is_named(b->drop, name, strlen(name)) ||
	       (b->overlay && overlay_sets(b->overlay, plan->path, name));
}

bool node_plan_leaves_child(const struct node_plan *plan,
			    const struct dt_node *child)
{
	const char *drop = plan->build->drop;

	return is_named(drop, child->name, strlen(child->name)) ||
	       is_named(drop, child->name, (size_t)dt_base_length(child));
}

enum fate node_plan_fate(const struct node_plan *plan,
			 const struct dt_property *p, bool is_child,
			 char cells[REFERENCE_CELLS])
{
	const struct node_build *b = plan->build;

	if (is_child ? is_named(b->drop, p->name, strlen(p->name))
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

/* Adds a name, whole or not at all. */
static void names_add(struct node_plan_names *names, const char *name)
{
	size_t used = strlen(names->text);

	if (is_named(names->text, name, strlen(name)))
		return;
	if (used + 1 + strlen(name) >= sizeof(names->text)) {
		names->is_cut = true;
		return;
	}
	snprintf(names->text + used, sizeof(names->text) - used, "%s%s",
		 used ? ":" : "", name);
}

/* Records a property that cannot be passed on. */
static void node_plan_add_trouble(struct node_plan *plan,
				  const struct dt_node *node,
				  const struct dt_property *p, bool is_child,
				  const struct dt_node *target, const char *why)
{
	struct lend_ctx *ctx = plan->build->ctx;
	const char *place = is_child ? node->name : "";

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
	names_add(&plan->references, p->name);
}

/* Records an unknown property with a number that is a phandle of the host. */
static void node_plan_add_likely(struct node_plan *plan,
				 const struct dt_node *node,
				 const struct dt_property *p, bool is_child)
{
	struct lend_ctx *ctx = plan->build->ctx;
	uint32_t phandle = 0;
	const struct dt_node *target =
		reference_first(plan->build->host, p, &phandle);

	if (!plan->troubles++)
		lend_error_set(ctx, LEND_ERROR_LIMIT, ENOTSUP,
			       plan->build->device,
			       "property '%s' may refer to a node that the "
			       "guest will not have",
			       p->name);
	lend_error_evidence(ctx,
			    "%s%s%s: 0x%x is the phandle of %s, and the "
			    "property's form is unknown",
			    is_child ? node->name : "", is_child ? "/" : "",
			    p->name, phandle,
			    target->path ? target->path : target->name);
	names_add(&plan->likely, p->name);
}

int node_plan_verdict(const struct node_plan *plan)
{
	struct lend_ctx *ctx = plan->build->ctx;

	if (!plan->troubles)
		return 0;
	if (*plan->references.text)
		lend_error_remedy(ctx,
				  "drop what the guest's driver does not need: "
				  "dt-drop=%s",
				  plan->references.text);
	if (*plan->likely.text)
		lend_error_remedy(
			ctx,
			"copy what holds numbers, and drop what refers "
			"to nodes: dt-number=%s",
			plan->likely.text);
	if (plan->references.is_cut || plan->likely.is_cut)
		lend_error_remedy(ctx, "then try again: there are more");
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

/* Nodes that an error record names already. */
struct refused {
	const struct dt_node *nodes[16];
	unsigned int count;
};

/* Returns whether the node was added; false too if there are enough. */
static bool refused_add(struct refused *refused, const struct dt_node *node)
{
	if (refused->count ==
	    sizeof(refused->nodes) / sizeof(refused->nodes[0]))
		return false;
	for (unsigned int i = 0; i < refused->count; i++)
		if (refused->nodes[i] == node)
			return false;
	refused->nodes[refused->count++] = node;
	return true;
}

static int node_plan_list(struct node_plan *plan, const struct dt_node *node,
			  const struct dt_property *p, bool is_child,
			  const char *cells)
{
	const struct host_node *host = plan->build->host;
	struct refused refused = {0};
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
		if (!result && refused_add(&refused, e.target))
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
	case REFERENCE_LIKELY:
		/* A binding says what its properties hold. */
		if (!b->binding->compatible &&
		    !is_named(b->numbers, p->name, strlen(p->name)))
			node_plan_add_likely(plan, node, p, is_child);
		return 0;
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
	uint32_t host = dt_phandle(node);
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
