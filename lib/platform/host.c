// SPDX-License-Identifier: MIT
// Reads a device's node and the nodes it depends on from sysfs.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/platform/flat.h"
#include "lib/platform/host.h"
#include "lib/platform/read.h"
#include "lib/platform/reference.h"
#include "lib/platform/tree.h"

/* Properties that nodes inherit from their parents, or by which those pass
 * addresses and interrupts on. */
static const char *const inherited[] = {
	"#address-cells",       "#interrupt-cells", "#size-cells",
	"compatible",           "dma-coherent",     "dma-noncoherent",
	"interrupt-controller", "interrupt-map",    "interrupt-map-mask",
	"interrupt-parent",     "ranges",
};

/* The kernel's own limit on depth. */
#define DEPTH_MAX 64

/* Nexus nodes between a device and its interrupt controller. */
#define NEXUSES_MAX 8

static int no_node(struct lend_ctx *ctx, const struct lend_address *address)
{
	char acpi[SYSFS_PATH];

	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENOENT, address->name,
		       "it has no node in the host's device tree");
	lend_error_evidence(ctx, "%s/of_node does not exist", address->path);
	if (!sysfs_path(acpi, "%s/firmware/acpi/tables", ctx->sysfs) &&
	    sysfs_exists(ctx, acpi))
		lend_error_evidence(ctx, "the host is described by ACPI");
	return lend_error_remedy(
		ctx,
		"boot the host with a device tree that describes the device");
}

/* The directory of the device's node, and that of the tree that it is in. */
static int host_node_find(const struct lend_address *address,
			  char root[SYSFS_PATH], char dir[SYSFS_PATH])
{
	struct lend_ctx *ctx = address->ctx;
	char link[SYSFS_PATH];
	int err = sysfs_path(link, "%s/of_node", address->path);

	/* One call, where both are as the kernel has them. */
	if (!err &&
	    !sysfs_path(root, "%s/firmware/devicetree/base", ctx->sysfs) &&
	    !sysfs_target(ctx, link, dir) && sysfs_below(dir, root))
		return 0;
	if (!err)
		err = dt_find_root(ctx, root);
	if (err == -ENOENT) /* An error that names the device helps more. */
		return no_node(ctx, address);
	if (!err)
		err = ctx->kernel->realpath(ctx->kernel, link, dir, SYSFS_PATH);
	if (err == -ENOENT)
		return no_node(ctx, address);
	if (err)
		return error_system(ctx, -err, address->name, "%s", link);
	if (sysfs_below(dir, root))
		return 0;
	lend_error_set(ctx, LEND_ERROR_DEVICE, EBADMSG, address->name,
		       "its node is not in the host's device tree");
	return lend_error_evidence(ctx, "%s resolves to %s", link, dir);
}

/* Reads inherited properties, of the directory @dir or of the node @at of the
 * flat tree. */
static int read_inherited(struct lend_ctx *ctx, const char *dir,
			  const void *flat, int at, struct dt_node *node)
{
	int err = 0;

	for (unsigned int i = 0;
	     !err && i < sizeof(inherited) / sizeof(inherited[0]); i++)
		err = flat ? flat_add_property(flat, at, inherited[i], node)
			   : dt_read_property(ctx, dir, inherited[i], node);
	return err;
}

/* Reads them from the parent of dir up to the root; @at is its node in the flat
 * tree, if that is read. Returns without a record then. */
static int read_parents(struct lend_ctx *ctx, const char *root,
			const char *from, const void *flat, int at,
			struct dt_node **parents)
{
	struct dt_node **link = parents;
	char dir[SYSFS_PATH];
	int err = 0;

	strcpy(dir, from);
	for (int i = 0; !err && i < DEPTH_MAX && strcmp(dir, root); i++) {
		*strrchr(dir, '/') = '\0';
		at = flat ? fdt_parent_offset(flat, at) : -1;
		*link = dt_node_new("", dir + strlen(root));
		if (!*link)
			return flat ? -ENOMEM : error_no_memory(ctx, NULL);
		err = read_inherited(ctx, dir, flat, at, *link);
		link = &(*link)->next;
	}
	return err;
}

/* Looks for the node in the flat tree, and has host->flat if that can be read
 * in the place of sysfs. */
static void host_try_flat(struct lend_ctx *ctx, const char *root,
			  const char *dir, struct host_node *host)
{
	void *flat = flat_read(ctx);
	int at = -1;

	if (flat)
		at = flat_find_same(flat, dir + strlen(root), host->node);
	if (at >= 0 &&
	    !read_parents(ctx, root, dir, flat, at, &host->parents)) {
		host->flat = flat;
		return;
	}
	free(flat);
	dt_nodes_free(host->parents);
	host->parents = NULL;
}

int host_node_read(const struct lend_address *address, struct host_node *host)
{
	struct lend_ctx *ctx = address->ctx;
	char root[SYSFS_PATH], dir[SYSFS_PATH];
	int err;

	*host = (struct host_node){0};
	err = host_node_find(address, root, dir);
	if (!err)
		err = dt_read(ctx, dir, dir + strlen(root), true, &host->node);
	if (err)
		return err == -ENOENT ? no_node(ctx, address) : err;
	host_try_flat(ctx, root, dir, host);
	return host->flat
		       ? 0
		       : read_parents(ctx, root, dir, NULL, -1, &host->parents);
}

void host_node_free(struct host_node *host)
{
	free(host->flat);
	dt_nodes_free(host->targets);
	dt_nodes_free(host->parents);
	dt_nodes_free(host->node);
	*host = (struct host_node){0};
}

/* Cells that may be phandles. */
struct wanted {
	uint32_t *phandles;
	size_t count;
	size_t room;
};

static int wanted_add(struct wanted *wanted, uint32_t phandle)
{
	size_t room = wanted->room ? 2 * wanted->room : 64;
	uint32_t *larger;

	if (!phandle || phandle == UINT32_MAX)
		return 0;
	if (wanted->count == wanted->room) {
		larger = realloc(wanted->phandles, room * sizeof(*larger));
		if (!larger)
			return -ENOMEM;
		wanted->phandles = larger;
		wanted->room = room;
	}
	wanted->phandles[wanted->count++] = phandle;
	return 0;
}

static int want_cells(struct wanted *wanted, const struct dt_property *p,
		      uint32_t count)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < count; i++)
		err = wanted_add(wanted, dt_cell(p, i));
	return err;
}

/* Collects the cells that may be phandles, by the properties' names. */
static int want_node(struct wanted *wanted, const struct dt_node *node)
{
	int err = 0;

	for (const struct dt_property *p = node->properties; p && !err;
	     p = p->next)
		err = want_cells(wanted, p, reference_candidates(p));
	for (const struct dt_node *c = node->children; c && !err; c = c->next)
		err = want_node(wanted, c);
	return err;
}

/* Collects the next nodes of the interrupt tree. */
static int want_irq(struct wanted *wanted, const struct dt_node *node)
{
	const struct dt_property *map = dt_get(node, "interrupt-map");
	int err = want_cells(wanted, map, dt_cells(map));

	return err ? err
		   : wanted_add(wanted, dt_number(node, "interrupt-parent", 0));
}

static int phandle_compare(const void *a, const void *b)
{
	uint32_t one, other;

	memcpy(&one, a, sizeof(one));
	memcpy(&other, b, sizeof(other));
	return (one > other) - (one < other);
}

static void wanted_sort(struct wanted *wanted)
{
	size_t kept = 0;

	if (wanted->count)
		qsort(wanted->phandles, wanted->count,
		      sizeof(*wanted->phandles), phandle_compare);
	for (size_t i = 0; i < wanted->count; i++)
		if (!kept || wanted->phandles[kept - 1] != wanted->phandles[i])
			wanted->phandles[kept++] = wanted->phandles[i];
	wanted->count = kept;
}

static int want_all(struct lend_ctx *ctx, const struct host_node *host,
		    struct wanted *wanted)
{
	int err = want_node(wanted, host->node);

	for (const struct dt_node *p = host->parents; p && !err; p = p->next)
		err = want_irq(wanted, p);
	for (const struct dt_node *t = host->targets; t && !err; t = t->next)
		err = want_irq(wanted, t);
	if (err)
		return error_no_memory(ctx, NULL);
	wanted_sort(wanted);
	return 0;
}

/* Finds what is wanted in the flat tree, else in sysfs. */
static int host_find_targets(struct lend_ctx *ctx, struct host_node *host,
			     const struct wanted *wanted)
{
	char root[SYSFS_PATH];
	int err;

	dt_nodes_free(host->targets);
	host->targets = NULL;
	if (host->flat &&
	    !flat_find_phandles(host->flat, wanted->phandles,
				(unsigned int)wanted->count, &host->targets))
		return 0;
	err = dt_find_root(ctx, root);
	return err ? err
		   : dt_find_phandles(ctx, root, wanted->phandles,
				      (unsigned int)wanted->count,
				      &host->targets);
}

int host_node_resolve(struct lend_ctx *ctx, struct host_node *host)
{
	struct wanted wanted = {0};
	size_t looked_up = 0;
	int err = 0;

	if (host->targets)
		return 0;
	/* What was found can be a nexus, which leads to further nodes. */
	for (unsigned int i = 0; !err && i < NEXUSES_MAX; i++) {
		err = want_all(ctx, host, &wanted);
		if (err || wanted.count == looked_up)
			break;
		looked_up = wanted.count;
		err = host_find_targets(ctx, host, &wanted);
	}
	free(wanted.phandles);
	free(host->flat);
	host->flat = NULL;
	return err;
}
