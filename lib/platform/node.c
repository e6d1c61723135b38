// SPDX-License-Identifier: MIT
// Writes a device's node for a guest, from the host's node.

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>

#include <lend/error.h>

#include "lib/base/context.h"
#include "lib/platform/binding.h"
#include "lib/platform/host.h"
#include "lib/platform/node.h"
#include "lib/platform/overlay.h"
#include "lib/platform/node-plan.h"
#include "lib/platform/tree.h"

/* Cells of "interrupts", by the binding of the GIC. */
#define GIC_SPI         0
#define TYPE_EDGE_RISE  1
#define TYPE_LEVEL_HIGH 4

/* Nodes of one name below one parent, made unique by a number. */
#define TWINS_MAX 64

/* Writes the path of the node. Its name has the first region's address; without
 * regions, a number if the name is taken. */
static int node_choose_path(const struct node_build *b, void *fdt, int parent,
			    char *path, unsigned int size)
{
	const struct dt_node *node = b->host->node;
	int base = dt_base_length(node);
	char name[DT_NAME + 32];
	size_t used;

	if (fdt_get_path(fdt, parent, path, (int)size))
		return -ENAMETOOLONG;
	used = strlen(path);
	if (used == 1)
		used = 0;
	for (unsigned int twin = 0; twin < TWINS_MAX; twin++) {
		if (b->region_count)
			snprintf(name, sizeof(name), "%.*s@%" PRIx64, base,
				 node->name, b->regions[0].address);
		else if (twin)
			snprintf(name, sizeof(name), "%.*s-%u", base,
				 node->name, twin + 1);
		else
			snprintf(name, sizeof(name), "%.*s", base, node->name);
		if (used + 1 + strlen(name) >= size)
			return -ENAMETOOLONG;
		sprintf(path + used, "/%s", name);
		if (fdt_path_offset(fdt, path) < 0)
			return 0;
	}
	return -EEXIST;
}

static int node_lacks(const struct node_build *b, const char *what)
{
	lend_error_set(b->ctx, LEND_ERROR_DEVICE, ENODATA, b->device,
		       "its node in the host's device tree lacks %s", what);
	return lend_error_evidence(b->ctx, "the binding of %s requires it",
				   b->binding->compatible);
}

static int check_count(const struct node_build *b, const char *what,
		       unsigned int count, unsigned int min, unsigned int max)
{
	if (!max || (count >= min && count <= max))
		return 0;
	lend_error_set(b->ctx, LEND_ERROR_DEVICE, ENODATA, b->device,
		       "'%s' has %u %s", what, count,
		       count == 1 ? "entry" : "entries");
	return lend_error_evidence(b->ctx,
				   "the binding of %s requires %u to %u",
				   b->binding->compatible, min, max);
}

static int check_list(const struct node_build *b, const char *name,
		      const struct dt_property *p, const char *words)
{
	char what[128];

	while (*words) {
		int length = (int)strcspn(words, " ");
		bool found = false;
		const char *text;

		for (unsigned int i = 0; (text = dt_string(p, i)); i++)
			found |= (int)strlen(text) == length &&
				 !memcmp(text, words, (size_t)length);
		if (!found) {
			snprintf(what, sizeof(what), "\"%.*s\" in '%s'", length,
				 words, name);
			return node_lacks(b, what);
		}
		words += length + (words[length] == ' ');
	}
	return 0;
}

/* Checks a property that the binding has a rule for. */
static int check_property(const struct node_plan *plan,
			  const struct binding_property *wanted)
{
	const struct node_build *b = plan->build;
	const struct dt_property *p = dt_get(b->host->node, wanted->name);
	char what[64];

	if (b->overlay && overlay_sets(b->overlay, plan->path, wanted->name))
		return 0;
	snprintf(what, sizeof(what), "'%s'", wanted->name);
	if (!p || node_plan_settles(plan, wanted->name))
		return wanted->required ? node_lacks(b, what) : 0;
	if (wanted->size && p->size != wanted->size) {
		lend_error_set(b->ctx, LEND_ERROR_DEVICE, EBADMSG, b->device,
			       "%s of its node is not %u bytes long", what,
			       wanted->size);
		return lend_error_evidence(b->ctx,
					   "the binding of %s requires it",
					   b->binding->compatible);
	}
	return wanted->lists ? check_list(b, wanted->name, p, wanted->lists)
			     : 0;
}

static int node_check(const struct node_plan *plan)
{
	const struct node_build *b = plan->build;
	const struct binding *binding = b->binding;
	int err = check_count(b, "reg", b->region_count, binding->min_regions,
			      binding->max_regions);

	if (!err)
		err = check_count(b, "interrupts", b->irq_count,
				  binding->min_irqs, binding->max_irqs);
	for (unsigned int i = 0; !err && i < binding->count; i++)
		err = check_property(plan, &binding->properties[i]);
	return err;
}

/* Records an error that has no record yet: of libfdt, or of names. */
static int node_report(const struct node_build *b, int err)
{
	if (!err || err == -ENOSPC)
		return err;
	return lend_error_set(b->ctx, LEND_ERROR_DEVICE, -err, b->device,
			      "cannot make the guest's device-tree node: %s",
			      strerror(-err));
}

/* Creates the nodes that the node refers to. This comes first, since it moves
 * offsets. */
static int make_targets(struct node_plan *plan)
{
	const struct node_build *b = plan->build;
	const struct dt_node *node = b->host->node;
	int err = 0;

	if (!b->binding->compatible)
		err = node_plan_targets(plan, node, false);
	for (unsigned int i = 0; !err && i < b->binding->count; i++) {
		const struct dt_property *p =
			dt_get(node, b->binding->properties[i].name);

		err = p ? node_plan_property(plan, node, p, false) : 0;
	}
	return err;
}

static int put_property(const struct node_plan *plan, int node,
			const struct dt_property *p, bool is_child)
{
	char cells[REFERENCE_CELLS];
	void *place;
	int err;

	switch (node_plan_fate(plan, p, is_child, cells)) {
	case FATE_COPIED:
		return dt_errno(fdt_setprop(plan->fdt, node, p->name, p->data,
					    (int)p->size));
	case FATE_REWRITTEN:
		err = fdt_setprop_placeholder(plan->fdt, node, p->name,
					      (int)p->size, &place);
		if (!err)
			node_plan_rewrite(plan, p, cells, place);
		return dt_errno(err);
	default:
		return 0;
	}
}

/* Adds properties in the host's order: libfdt puts a new one in front. */
static int put_properties(const struct node_plan *plan, int node,
			  const struct dt_property *p, bool is_child)
{
	int err = p ? put_properties(plan, node, p->next, is_child) : 0;

	return err || !p ? err : put_property(plan, node, p, is_child);
}

static int put_phandle(const struct node_plan *plan, int node,
		       const struct dt_node *from)
{
	uint32_t phandle = remade_find(&plan->remade, dt_phandle(from));

	return phandle ? dt_errno(fdt_setprop_u32(plan->fdt, node, "phandle",
						  phandle))
		       : 0;
}

/* Adds children, the last one first, for the same reason. */
static int put_children(const struct node_plan *plan, int parent,
			const struct dt_node *child)
{
	int err = child ? put_children(plan, parent, child->next) : 0;
	int node;

	if (err || !child || node_plan_leaves_child(plan, child))
		return err;
	node = fdt_add_subnode(plan->fdt, parent, child->name);
	if (node < 0)
		return dt_errno(node);
	err = put_phandle(plan, node, child);
	if (!err)
		err = put_properties(plan, node, child->properties, true);
	return err ? err : put_children(plan, node, child->children);
}

static int node_append_cells(void *fdt, int node, const char *name,
			     uint64_t value, int cells)
{
	int err = 0;

	if (cells == 1 && value > UINT32_MAX)
		return -ERANGE;
	if (cells == 2)
		err = fdt_appendprop_u32(fdt, node, name,
					 (uint32_t)(value >> 32));
	if (!err)
		err = fdt_appendprop_u32(fdt, node, name, (uint32_t)value);
	return dt_errno(err);
}

static int put_reg(const struct node_build *b, void *fdt, int node,
		   int address_cells, int size_cells)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < b->region_count; i++) {
		err = node_append_cells(fdt, node, "reg", b->regions[i].address,
					address_cells);
		if (!err)
			err = node_append_cells(fdt, node, "reg",
						b->regions[i].size, size_cells);
	}
	return err;
}

static int put_irqs(const struct node_build *b, void *fdt, int node)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < b->irq_count; i++) {
		const uint32_t cells[] = {GIC_SPI, b->irqs[i].spi,
					  b->irqs[i].level ? TYPE_LEVEL_HIGH
							   : TYPE_EDGE_RISE};

		for (unsigned int c = 0; !err && c < 3; c++)
			err = fdt_appendprop_u32(fdt, node, "interrupts",
						 cells[c]);
	}
	return dt_errno(err);
}

/* Adds the properties that the binding lists. */
static int put_bound(const struct node_plan *plan, int node)
{
	const struct binding *binding = plan->build->binding;
	int err = 0;

	for (unsigned int i = binding->count; !err && i-- > 0;) {
		const struct dt_property *p = dt_get(
			plan->build->host->node, binding->properties[i].name);

		err = p ? put_property(plan, node, p, false) : 0;
	}
	return err;
}

static int put_made(const struct node_plan *plan, int node, int address_cells,
		    int size_cells)
{
	const struct node_build *b = plan->build;
	int err = 0;

	if (host_is_coherent(b->host) &&
	    !node_plan_settles(plan, "dma-coherent"))
		err = dt_errno(
			fdt_setprop(plan->fdt, node, "dma-coherent", NULL, 0));
	if (!err)
		err = put_irqs(b, plan->fdt, node);
	if (!err)
		err = put_reg(b, plan->fdt, node, address_cells, size_cells);
	if (!err && b->binding->compatible)
		err = dt_errno(fdt_setprop_string(plan->fdt, node, "compatible",
						  b->binding->compatible));
	return err;
}

static int put_node(const struct node_plan *plan, const char *parent_path)
{
	const struct node_build *b = plan->build;
	const struct dt_node *from = b->host->node;
	int parent = fdt_path_offset(plan->fdt, parent_path);
	int address_cells = fdt_address_cells(plan->fdt, parent);
	int size_cells = fdt_size_cells(plan->fdt, parent);
	int node, err;

	if (address_cells < 1 || address_cells > 2 || size_cells < 1 ||
	    size_cells > 2)
		return -EBADMSG;
	node = fdt_add_subnode(plan->fdt, parent, strrchr(plan->path, '/') + 1);
	if (node < 0)
		return dt_errno(node);
	err = put_phandle(plan, node, from);
	if (!err)
		err = b->binding->compatible
			      ? put_bound(plan, node)
			      : put_properties(plan, node, from->properties,
					       false);
	if (!err)
		err = put_made(plan, node, address_cells, size_cells);
	if (!err && !b->binding->compatible)
		err = put_children(plan, node, from->children);
	return err;
}

/* An overlay can only refer to a node with a phandle. */
static int node_add_phandle(void *fdt, const char *path)
{
	int node = fdt_path_offset(fdt, path);
	uint32_t phandle;
	int err;

	if (node < 0 || fdt_get_phandle(fdt, node))
		return dt_errno(node < 0 ? node : 0);
	err = fdt_generate_phandle(fdt, &phandle);
	if (!err)
		err = fdt_setprop_u32(fdt, node, "phandle", phandle);
	return dt_errno(err);
}

static int node_write_checked(struct node_plan *plan, const char *parent_path)
{
	const struct node_build *b = plan->build;
	int err = node_check(plan);

	if (!err)
		err = node_report(b, make_targets(plan));
	if (!err)
		err = node_plan_verdict(plan);
	if (!err)
		err = node_report(b, node_plan_number(plan, b->host->node));
	if (!err)
		err = node_report(b, put_node(plan, parent_path));
	if (err || !b->overlay)
		return err;
	err = node_report(b, node_add_phandle(plan->fdt, plan->path));
	return err ? err
		   : overlay_apply(b->ctx, plan->fdt, plan->path, b->overlay,
				   b->overlay_size);
}

int node_write(const struct node_build *b, void *fdt, int parent, char *path,
	       unsigned int size)
{
	struct node_plan *plan = NULL;
	char *parent_path = NULL;
	int err = b->overlay
			  ? overlay_check(b->ctx, b->overlay, b->overlay_size)
			  : 0;

	if (!err)
		err = node_report(b,
				  node_choose_path(b, fdt, parent, path, size));
	if (err)
		return err;
	plan = calloc(1, sizeof(*plan));
	parent_path = strndup(path, (size_t)(strrchr(path, '/') - path));
	if (plan && parent_path) {
		*plan = (struct node_plan){
			.build = b, .fdt = fdt, .path = path};
		err = node_write_checked(plan,
					 *parent_path ? parent_path : "/");
	} else {
		err = error_no_memory(b->ctx, b->device);
	}
	free(parent_path);
	free(plan);
	return err;
}
