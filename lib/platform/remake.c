// SPDX-License-Identifier: MIT
// Recreates fixed clocks, fixed regulators and reserved memory of the host in a
// guest's tree.

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <libfdt.h>

#include "lib/platform/host.h"
#include "lib/platform/remake.h"
#include "lib/platform/tree.h"

/* Names of guests' nodes, made unique by a number. */
#define NAME_MAX_ 300
#define TWINS_MAX 64

/* The properties that each kind of node keeps: none refers to other nodes.
 */
static const struct kind {
	const char *compatible;
	const char *needs;
	const char *cells; /* set to 0 */
	const char *keeps[8];
	const char *bound_to[5]; /* with any of these it depends on others */
	const char *but;         /* unless it has this one */
	const char *why;
} kinds[] = {
	{
		.compatible = "fixed-clock",
		.needs = "clock-frequency",
		.cells = "#clock-cells",
		.keeps = {"clock-frequency", "clock-accuracy",
			  "clock-output-names"},
		.why = "it has no clock-frequency, or its #clock-cells is not "
		       "0",
	},
	{
		.compatible = "regulator-fixed",
		.needs = "regulator-name",
		.keeps = {"regulator-name", "regulator-min-microvolt",
			  "regulator-max-microvolt", "regulator-always-on",
			  "regulator-boot-on", "startup-delay-us"},
		.bound_to = {"gpio", "gpios", "enable-gpios", "vin-supply"},
		.but = "regulator-always-on",
		.why = "the host switches it, or it has no regulator-name",
	},
};

int dt_errno(int err)
{
	if (err >= 0)
		return err;
	switch (-err) {
	case FDT_ERR_NOSPACE:
		return -ENOSPC;
	case FDT_ERR_EXISTS:
		return -EEXIST;
	case FDT_ERR_NOTFOUND:
		return -ENOENT;
	default:
		return -EBADMSG;
	}
}

uint32_t remade_find(const struct remade *remade, uint32_t host)
{
	for (unsigned int i = 0; i < remade->count; i++)
		if (remade->phandles[i].host == host)
			return remade->phandles[i].guest;
	return 0;
}

int remade_add(struct remade *remade, uint32_t host, uint32_t guest)
{
	if (remade->count == REMADE_MAX)
		return -E2BIG;
	remade->phandles[remade->count].host = host;
	remade->phandles[remade->count++].guest = guest;
	return 0;
}

static const struct kind *remake_find_kind(const struct dt_node *target,
					   const char **why)
{
	const struct kind *kind = NULL;

	*why = "it is not a fixed clock, a fixed regulator or reserved memory";
	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (dt_is_compatible(target, kinds[i].compatible))
			kind = &kinds[i];
	if (!kind)
		return NULL;
	*why = kind->why;
	if (!dt_get(target, kind->needs) ||
	    (kind->cells && dt_number(target, kind->cells, 0)))
		return NULL;
	for (unsigned int i = 0; kind->bound_to[i]; i++)
		if (dt_get(target, kind->bound_to[i]) &&
		    !dt_get(target, kind->but))
			return NULL;
	return kind;
}

/* Sets a property of a new node, or compares that of an existing one. */
static int remake_put(void *fdt, int node, bool is_new, const char *name,
		      const void *data, uint32_t size)
{
	const void *has;
	int length;

	if (is_new)
		return dt_errno(fdt_setprop(fdt, node, name, data, (int)size));
	has = fdt_getprop(fdt, node, name, &length);
	return has && length == (int)size && !memcmp(has, data, size) ? 0
								      : -EEXIST;
}

static int put_kept(void *fdt, int node, bool is_new,
		    const struct dt_node *target, const char *name)
{
	const struct dt_property *p = dt_get(target, name);

	return p ? remake_put(fdt, node, is_new, name, p->data, p->size) : 0;
}

static int fill_kind(const struct dt_node *target, const struct kind *kind,
		     void *fdt, int node, bool is_new)
{
	fdt32_t none = 0;
	int err = 0;

	for (unsigned int i = 0; !err && kind->keeps[i]; i++)
		err = put_kept(fdt, node, is_new, target, kind->keeps[i]);
	if (!err && kind->cells)
		err = remake_put(fdt, node, is_new, kind->cells, &none,
				 sizeof(none));
	if (!err)
		err = remake_put(fdt, node, is_new, "compatible",
				 kind->compatible,
				 (uint32_t)strlen(kind->compatible) + 1);
	return err;
}

/* Reserves as much memory as the host does, at an address that the guest
 * chooses. */
static int fill_memory(const struct dt_node *target, uint64_t bytes, void *fdt,
		       int node, bool is_new)
{
	static const char *const keeps[] = {"no-map", "reusable", "alignment",
					    "compatible"};
	fdt64_t size = cpu_to_fdt64(bytes);
	int err = remake_put(fdt, node, is_new, "size", &size, sizeof(size));

	for (unsigned int i = 0; !err && i < sizeof(keeps) / sizeof(keeps[0]);
	     i++)
		err = put_kept(fdt, node, is_new, target, keeps[i]);
	return err;
}

/* /reserved-memory of the guest, created if it does not exist. */
static int memory_parent(void *fdt)
{
	static const char name[] = "reserved-memory";
	int node = fdt_subnode_offset(fdt, 0, name);
	int err = 0;

	if (node != -FDT_ERR_NOTFOUND)
		return dt_errno(node);
	node = fdt_add_subnode(fdt, 0, name);
	if (node < 0)
		return dt_errno(node);
	err = fdt_setprop(fdt, node, "ranges", NULL, 0);
	if (!err)
		err = fdt_setprop_u32(fdt, node, "#size-cells", 2);
	if (!err)
		err = fdt_setprop_u32(fdt, node, "#address-cells", 2);
	return err ? dt_errno(err) : node;
}

/* Size of a node in the host's /reserved-memory, 0 for any other node. */
static uint64_t memory_size(const struct host_node *host,
			    const struct dt_node *target)
{
	static const char place[] = "/reserved-memory/";
	const struct dt_property *p = dt_get(target, "size");
	const struct dt_node *root = host->parents;
	uint32_t cells, skip = 0, each;
	uint64_t sum = 0, size;

	if (!target->path || strncmp(target->path, place, sizeof(place) - 1))
		return 0;
	while (root && root->next)
		root = root->next;
	cells = root ? dt_number(root, "#size-cells", 1) : 1;
	if (!p) {
		p = dt_get(target, "reg");
		skip = root ? dt_number(root, "#address-cells", 1) : 1;
	}
	if (!cells || cells > 2 || skip > 2)
		return 0;
	each = skip + cells;
	for (uint32_t i = 0; i + each <= dt_cells(p); i += each) {
		size = dt_cell(p, i + skip);
		if (cells == 2)
			size = size << 32 | dt_cell(p, i + skip + 1);
		if (__builtin_add_overflow(sum, size, &sum))
			return 0;
	}
	return sum;
}

/* Opens or creates a node with the host's name, except '@', which would mean an
 * address. */
static int remake_open_node(void *fdt, int parent, const struct dt_node *target,
			    unsigned int twin, bool *is_new)
{
	char name[NAME_MAX_];
	char *at;
	int node;

	if (twin)
		snprintf(name, sizeof(name), "%s-%u", target->name, twin + 1);
	else
		snprintf(name, sizeof(name), "%s", target->name);
	while ((at = strpbrk(name, "@#?")))
		*at = '-';
	node = fdt_subnode_offset(fdt, parent, name);
	*is_new = node == -FDT_ERR_NOTFOUND;
	if (*is_new)
		node = fdt_add_subnode(fdt, parent, name);
	return dt_errno(node);
}

static int remake_add_phandle(void *fdt, int node, uint32_t *phandle)
{
	int err;

	*phandle = fdt_get_phandle(fdt, node);
	if (*phandle)
		return 0;
	err = fdt_generate_phandle(fdt, phandle);
	if (!err)
		err = fdt_setprop_u32(fdt, node, "phandle", *phandle);
	return dt_errno(err);
}

static int remake_make(const struct dt_node *target, const struct kind *kind,
		       uint64_t bytes, void *fdt, unsigned int twin,
		       uint32_t *phandle)
{
	int parent = bytes ? memory_parent(fdt) : 0;
	bool is_new;
	int node, err;

	if (parent < 0)
		return parent;
	node = remake_open_node(fdt, parent, target, twin, &is_new);
	if (node < 0)
		return node;
	err = bytes ? fill_memory(target, bytes, fdt, node, is_new)
		    : fill_kind(target, kind, fdt, node, is_new);
	return err ? err : remake_add_phandle(fdt, node, phandle);
}

int remake_node(struct remade *remade, const struct host_node *host,
		const struct dt_node *target, void *fdt, uint32_t *phandle,
		const char **why)
{
	uint32_t known = dt_phandle(target);
	uint64_t bytes = memory_size(host, target);
	const struct kind *kind = bytes ? NULL : remake_find_kind(target, why);
	int err = -EEXIST;

	if (!bytes && !kind)
		return 0;
	*phandle = remade_find(remade, known);
	if (*phandle)
		return 1;
	for (unsigned int twin = 0; err == -EEXIST && twin < TWINS_MAX; twin++)
		err = remake_make(target, kind, bytes, fdt, twin, phandle);
	if (!err)
		err = remade_add(remade, known, *phandle);
	return err ? err : 1;
}
