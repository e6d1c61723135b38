// SPDX-License-Identifier: MIT
// Reads a device's node and the nodes it depends on from sysfs.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
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

/* The directory of the device's node, within the tree. */
static int host_node_find(const struct lend_address *address,
			  const char root[SYSFS_PATH], char dir[SYSFS_PATH])
{
	struct lend_ctx *ctx = address->ctx;
	char link[SYSFS_PATH];
	int err = sysfs_path(link, "%s/of_node", address->path);

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

/* Reads inherited properties, from the parent of dir up to the root. */
static int read_parents(struct lend_ctx *ctx, const char *root, char *dir,
			struct dt_node **link)
{
	int err = 0;

	for (int i = 0; !err && i < DEPTH_MAX && strcmp(dir, root); i++) {
		*strrchr(dir, '/') = '\0';
		*link = dt_node_new("", dir + strlen(root));
		if (!*link)
			return error_no_memory(ctx, NULL);
		for (unsigned int p = 0;
		     !err && p < sizeof(inherited) / sizeof(inherited[0]); p++)
			err = dt_read_property(ctx, dir, inherited[p], *link);
		link = &(*link)->next;
	}
	return err;
}

int host_node_read(const struct lend_address *address, struct host_node *host)
{
	char root[SYSFS_PATH], dir[SYSFS_PATH];
	int err;

	*host = (struct host_node){0};
	err = dt_find_root(address->ctx, root);
	if (err) {
		/* An error that names the device helps more. */
		return err == -ENOENT ? no_node(address->ctx, address) : err;
	}
	err = host_node_find(address, root, dir);
	if (!err)
		err = dt_read(address->ctx, dir, dir + strlen(root), true,
			      &host->node);
	return err ? err
		   : read_parents(address->ctx, root, dir, &host->parents);
}

void host_node_free(struct host_node *host)
{
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

int host_node_resolve(struct lend_ctx *ctx, struct host_node *host)
{
	struct wanted wanted = {0};
	char root[SYSFS_PATH];
	size_t looked_up = 0;
	int err;

	if (host->targets)
		return 0;
	err = dt_find_root(ctx, root);
	/* What was found can be a nexus, which leads to further nodes. */
	for (unsigned int i = 0; !err && i < NEXUSES_MAX; i++) {
		err = want_all(ctx, host, &wanted);
		if (err || wanted.count == looked_up)
			break;
		looked_up = wanted.count;
		dt_nodes_free(host->targets);
		err = dt_find_phandles(ctx, root, wanted.phandles,
				       (unsigned int)wanted.count,
				       &host->targets);
	}
	free(wanted.phandles);
	return err;
}
