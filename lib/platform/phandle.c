// SPDX-License-Identifier: MIT
// Finds nodes of the host's device tree by phandle, in one walk for all.

#include <errno.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/platform/read.h"
#include "lib/platform/tree.h"

/* Limits against a hostile tree: no board has as many. */
#define DEPTH_MAX 32
#define NODES_MAX 65536

struct walk {
	struct lend_ctx *ctx;
	const char *root;
	const uint32_t *phandles;
	unsigned int count;
	unsigned int found;
	unsigned int nodes;
	struct dt_node **list;
};

int dt_find_root(struct lend_ctx *ctx, char root[SYSFS_PATH])
{
	char path[SYSFS_PATH];
	int err = sysfs_path(path, "%s/firmware/devicetree/base", ctx->sysfs);

	if (!err)
		err = ctx->kernel->realpath(ctx->kernel, path, root,
					    SYSFS_PATH);
	if (!err)
		return 0;
	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENOENT, NULL,
		       "this host has no device tree");
	return lend_error_evidence(ctx, "%s: %s", path, strerror(-err));
}

/* A node's own phandle, 0 if it has none: as dt_phandle(). */
static uint32_t phandle_of(struct lend_ctx *ctx, const char *dir,
			   const struct sysfs_names *properties)
{
	static const char *const names[] = {"phandle", "linux,phandle"};
	char path[SYSFS_PATH];
	uint8_t cell[4];

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (sysfs_names_hold(properties, names[i]) &&
		    !sysfs_path(path, "%s/%s", dir, names[i]) &&
		    sysfs_read_bytes(ctx, path, cell, sizeof(cell)) ==
			    sizeof(cell))
			return (uint32_t)cell[0] << 24 |
			       (uint32_t)cell[1] << 16 |
			       (uint32_t)cell[2] << 8 | cell[3];
	return 0;
}

bool dt_is_wanted(const uint32_t *phandles, unsigned int count,
		  uint32_t phandle)
{
	unsigned int low = 0, high = count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (phandles[middle] == phandle)
			return true;
		if (phandles[middle] < phandle)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

static int phandle_visit(struct walk *w, const char *dir, unsigned int depth);

static int phandle_visit_children(struct walk *w, const char *dir,
				  const struct sysfs_names *names,
				  unsigned int depth)
{
	char child[SYSFS_PATH];
	int err = 0;

	for (unsigned int i = 0;
	     !err && w->found < w->count && i < names->count; i++)
		if (!sysfs_path(child, "%s/%s", dir, names->names[i]))
			err = phandle_visit(w, child, depth - 1);
	return err;
}

static int phandle_visit(struct walk *w, const char *dir, unsigned int depth)
{
	struct sysfs_names dirs, properties;
	int err = 0;

	if (++w->nodes > NODES_MAX || !depth) {
		lend_error_set(w->ctx, LEND_ERROR_DEVICE, E2BIG, NULL,
			       "the host's device tree is too large or too "
			       "deep");
		return lend_error_evidence(w->ctx, "%s", dir);
	}
	/* Skip a part of the tree that cannot be read. */
	if (sysfs_list_kinds(w->ctx, dir, &dirs, &properties))
		return 0;
	if (dt_is_wanted(w->phandles, w->count,
			 phandle_of(w->ctx, dir, &properties))) {
		err = dt_read(w->ctx, dir, dir + strlen(w->root), false,
			      w->list);
		if (!err) {
			w->list = &(*w->list)->next;
			w->found++;
		}
	}
	if (!err)
		err = phandle_visit_children(w, dir, &dirs, depth);
	sysfs_names_free(&dirs);
	sysfs_names_free(&properties);
	return err;
}

int dt_find_phandles(struct lend_ctx *ctx, const char *root,
		     const uint32_t *phandles, unsigned int count,
		     struct dt_node **nodes)
{
	struct walk walk = {
		.ctx = ctx,
		.root = root,
		.phandles = phandles,
		.count = count,
		.list = nodes,
	};
	int err;

	*nodes = NULL;
	err = count ? phandle_visit(&walk, root, DEPTH_MAX) : 0;
	if (err) {
		dt_nodes_free(*nodes);
		*nodes = NULL;
	}
	return err;
}
