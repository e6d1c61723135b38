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

/* Properties that nodes inherit from their parents. */
static const char *const inherited[] = {
	"#address-cells", "#interrupt-cells", "#size-cells",      "compatible",
	"dma-coherent",   "dma-noncoherent",  "interrupt-parent", "ranges",
};

/* The kernel's own limit on depth. */
#define DEPTH_MAX 64

/* No device has more cells that could be phandles. */
#define PHANDLES_MAX 1024

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

struct wanted {
	uint32_t phandles[PHANDLES_MAX];
	unsigned int count;
};

static void wanted_add(struct wanted *wanted, uint32_t phandle)
{
	if (!phandle || phandle == UINT32_MAX || wanted->count == PHANDLES_MAX)
		return;
	for (unsigned int i = 0; i < wanted->count; i++)
		if (wanted->phandles[i] == phandle)
			return;
	wanted->phandles[wanted->count++] = phandle;
}

/* Collects the cells that may be phandles, by the properties' names. */
static void want_node(struct wanted *wanted, const struct dt_node *node)
{
	for (const struct dt_property *p = node->properties; p; p = p->next)
		for (uint32_t i = 0; i < reference_candidates(p); i++)
			wanted_add(wanted, dt_cell(p, i));
	for (const struct dt_node *c = node->children; c; c = c->next)
		want_node(wanted, c);
}

int host_node_resolve(struct lend_ctx *ctx, struct host_node *host)
{
	struct wanted *wanted;
	char root[SYSFS_PATH];
	int err;

	if (host->targets)
		return 0;
	wanted = calloc(1, sizeof(*wanted));
	if (!wanted)
		return error_no_memory(ctx, NULL);
	want_node(wanted, host->node);
	for (const struct dt_node *p = host->parents; p; p = p->next)
		wanted_add(wanted, dt_number(p, "interrupt-parent", 0));
	err = dt_find_root(ctx, root);
	if (!err)
		err = dt_find_phandles(ctx, root, wanted->phandles,
				       wanted->count, &host->targets);
	free(wanted);
	return err;
}
