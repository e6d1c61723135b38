// SPDX-License-Identifier: MIT
// Reads nodes of the host's device tree from sysfs, within limits.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/platform/read.h"
#include "lib/platform/tree.h"

/* Limits for one node with its children: far more than any device has. */
#define DEPTH_MAX      16
#define NODES_MAX      1024
#define PROPERTIES_MAX 4096
#define BYTES_MAX      (1u << 20)

struct reader {
	struct lend_ctx *ctx;
	uint32_t nodes;
	uint32_t properties;
	uint32_t bytes;
	uint8_t buffer[DT_PROPERTY + 1];
};

static int dt_malformed(struct lend_ctx *ctx, const char *path, const char *why)
{
	lend_error_set(ctx, LEND_ERROR_DEVICE, EBADMSG, NULL,
		       "the host's device tree is malformed: %s", why);
	return lend_error_evidence(ctx, "%s", path);
}

static int reader_read_property(struct reader *r, const char *dir,
				const char *name, struct dt_node *node)
{
	char path[SYSFS_PATH];
	int size = sysfs_path(path, "%s/%s", dir, name);

	if (!size)
		size = sysfs_read_bytes(r->ctx, path, r->buffer,
					sizeof(r->buffer));
	if (size == -ENOENT)
		return size;
	if (size < 0)
		return error_system(r->ctx, -size, NULL, "read %s", path);
	if (!dt_is_name(name))
		return dt_malformed(r->ctx, path, "bad property name");
	if (size > DT_PROPERTY || (uint32_t)size > BYTES_MAX - r->bytes)
		return dt_malformed(r->ctx, path, "property too large");
	if (++r->properties > PROPERTIES_MAX)
		return dt_malformed(r->ctx, dir, "too many properties");
	r->bytes += (uint32_t)size;
	return dt_add(node, name, r->buffer, (uint32_t)size)
		       ? error_no_memory(r->ctx, NULL)
		       : 0;
}

static int read_node(struct reader *r, const char *dir, unsigned int depth,
		     struct dt_node *node);

static int read_children(struct reader *r, const char *dir, unsigned int depth,
			 const struct sysfs_names *names, struct dt_node *node)
{
	struct dt_node **link = &node->children;
	char path[SYSFS_PATH];
	int err = 0;

	if (names->count && !depth)
		return dt_malformed(r->ctx, dir, "nodes nested too deep");
	for (unsigned int i = 0; !err && i < names->count; i++) {
		const char *name = names->names[i];

		if (sysfs_path(path, "%s/%s", dir, name) || !dt_is_name(name))
			return dt_malformed(r->ctx, dir, "bad node name");
		if (++r->nodes > NODES_MAX)
			return dt_malformed(r->ctx, dir, "too many nodes");
		*link = dt_node_new(name, NULL);
		if (!*link)
			return error_no_memory(r->ctx, NULL);
		err = read_node(r, path, depth - 1, *link);
		link = &(*link)->next;
	}
	return err;
}

static int read_properties(struct reader *r, const char *dir,
			   const struct sysfs_names *names,
			   struct dt_node *node)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < names->count; i++)
		err = reader_read_property(r, dir, names->names[i], node);
	return err;
}

/* Reads no children if r->nodes is 0 at the start: see dt_read(). */
static int read_node(struct reader *r, const char *dir, unsigned int depth,
		     struct dt_node *node)
{
	struct sysfs_names dirs, properties;
	int err = sysfs_list_kinds(r->ctx, dir, &dirs, &properties);

	if (err)
		return error_system(r->ctx, -err, NULL, "list %s", dir);
	err = read_properties(r, dir, &properties, node);
	if (!err && r->nodes)
		err = read_children(r, dir, depth, &dirs, node);
	sysfs_names_free(&dirs);
	sysfs_names_free(&properties);
	return err;
}

int dt_read(struct lend_ctx *ctx, const char *dir, const char *path,
	    bool with_children, struct dt_node **result)
{
	const char *slash = strrchr(dir, '/');
	const char *name = slash ? slash + 1 : dir;
	struct reader *r = calloc(1, sizeof(*r));
	struct dt_node *node = dt_node_new(name, path);
	int err;

	if (r && node) {
		r->ctx = ctx;
		r->nodes = with_children;
		err = dt_is_name(name)
			      ? read_node(r, dir, DEPTH_MAX, node)
			      : dt_malformed(ctx, dir, "bad node name");
	} else {
		err = error_no_memory(ctx, NULL);
	}
	free(r);
	if (err) {
		dt_nodes_free(node);
		return err;
	}
	*result = node;
	return 0;
}

int dt_read_property(struct lend_ctx *ctx, const char *dir, const char *name,
		     struct dt_node *node)
{
	struct reader *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return error_no_memory(ctx, NULL);
	r->ctx = ctx;
	err = reader_read_property(r, dir, name, node);
	free(r);
	return err == -ENOENT ? 0 : err;
}
