// SPDX-License-Identifier: MIT
// Reads nodes of the host's device tree from the flattened tree.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>

#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/platform/flat.h"
#include "lib/platform/read.h"
#include "lib/platform/tree.h"

/* The first version whose header has the sizes of both blocks. */
#define VERSION 17

/* No board's tree has a tenth of this. */
#define FLAT_MAX (8u << 20)

/* What the kernel reads at once, at most. */
#define PART 4096u

/* The end of what a header describes: firmware leaves room behind it. 0 if the
 * header is not one. */
static uint32_t flat_end(const void *header)
{
	uint64_t structure, strings;

	if (fdt_magic(header) != FDT_MAGIC || fdt_version(header) < VERSION)
		return 0;
	structure = (uint64_t)fdt_off_dt_struct(header) +
		    fdt_size_dt_struct(header);
	strings = (uint64_t)fdt_off_dt_strings(header) +
		  fdt_size_dt_strings(header);
	if (structure < strings)
		structure = strings;
	return structure <= FLAT_MAX && structure <= fdt_totalsize(header)
		       ? (uint32_t)structure
		       : 0;
}

/* Reads on to @end, to which *@flat grows. */
static bool flat_read_rest(const struct kernel *k, int fd, void **flat,
			   uint32_t used, uint32_t end)
{
	void *larger = realloc(*flat, end < PART ? PART : end);

	if (!larger)
		return false;
	*flat = larger;
	while (used < end) {
		ssize_t n =
			k->read(k, fd, (uint8_t *)larger + used, end - used);

		if (n <= 0)
			return false;
		used += (uint32_t)n;
	}
	return true;
}

static bool flat_read_file(const struct kernel *k, int fd, void **flat)
{
	ssize_t n = k->read(k, fd, *flat, PART);
	uint32_t end;

	if (n < (ssize_t)sizeof(struct fdt_header))
		return false;
	end = flat_end(*flat);
	if (!end || !flat_read_rest(k, fd, flat, (uint32_t)n, end))
		return false;
	fdt_set_totalsize(*flat, end);
	return !fdt_check_full(*flat, end);
}

void *flat_read(struct lend_ctx *ctx)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH];
	bool is_good;
	void *flat;
	int fd;

	if (ctx->is_confined || sysfs_path(path, "%s/firmware/fdt", ctx->sysfs))
		return NULL;
	fd = k->open(k, path, O_RDONLY);
	if (fd < 0)
		return NULL;
	flat = malloc(PART);
	is_good = flat && flat_read_file(k, fd, &flat);
	k->close(k, fd);
	if (is_good)
		return flat;
	free(flat);
	return NULL;
}

/* The kernel adds "name" where the tree has none. */
static bool flat_is_own(const char *name)
{
	return strcmp(name, "name") != 0;
}

static bool flat_has_properties(const void *flat, int at,
				const struct dt_node *node)
{
	int count = 0, offset, size;

	for (const struct dt_property *p = node->properties; p; p = p->next) {
		const void *data;

		if (!flat_is_own(p->name))
			continue;
		data = fdt_getprop(flat, at, p->name, &size);
		if (!data || (uint32_t)size != p->size ||
		    memcmp(data, p->data, p->size))
			return false;
		count++;
	}
	fdt_for_each_property_offset(offset, flat, at)
	{
		const char *name = "";

		fdt_getprop_by_offset(flat, offset, &name, NULL);
		count -= flat_is_own(name);
	}
	return !count;
}

/* Recursion is as deep as the node that was read. */
static bool flat_is_same(const void *flat, int at, const struct dt_node *node)
{
	const char *name = fdt_get_name(flat, at, NULL);
	int count = 0, child;

	if (!name || strcmp(name, node->name) ||
	    !flat_has_properties(flat, at, node))
		return false;
	for (const struct dt_node *c = node->children; c; c = c->next) {
		child = fdt_subnode_offset(flat, at, c->name);
		if (child < 0 || !flat_is_same(flat, child, c))
			return false;
		count++;
	}
	fdt_for_each_subnode(child, flat, at) count--;
	return !count;
}

int flat_find_same(const void *flat, const char *path,
		   const struct dt_node *node)
{
	int at = fdt_path_offset(flat, path);
	char found[SYSFS_PATH];

	/* libfdt also finds a node by its name without the unit address. */
	return at >= 0 && !fdt_get_path(flat, at, found, sizeof(found)) &&
			       !strcmp(found, path) &&
			       flat_is_same(flat, at, node)
		       ? at
		       : -1;
}

int flat_add_property(const void *flat, int at, const char *name,
		      struct dt_node *node)
{
	int size;
	const void *data = fdt_getprop(flat, at, name, &size);

	if (!data)
		return size == -FDT_ERR_NOTFOUND ? 0 : -EBADMSG;
	if (!dt_is_name(name) || size > DT_PROPERTY || dt_get(node, name))
		return -EBADMSG;
	return dt_add(node, name, data, (uint32_t)size);
}

/* Without its children. */
static int flat_read_node(const void *flat, int at, struct dt_node **node)
{
	const char *name = fdt_get_name(flat, at, NULL);
	char path[SYSFS_PATH];
	int offset, err = 0;

	if (!name || !dt_is_name(name) ||
	    fdt_get_path(flat, at, path, sizeof(path)))
		return -EBADMSG;
	*node = dt_node_new(name, path);
	if (!*node)
		return -ENOMEM;
	fdt_for_each_property_offset(offset, flat, at)
	{
		const char *property = "";

		fdt_getprop_by_offset(flat, offset, &property, NULL);
		err = flat_add_property(flat, at, property, *node);
		if (err)
			break;
	}
	return err;
}

int flat_find_phandles(const void *flat, const uint32_t *phandles,
		       unsigned int count, struct dt_node **nodes)
{
	struct dt_node **link = nodes;
	unsigned int found = 0;
	int err = 0;

	*nodes = NULL;
	for (int at = 0; !err && at >= 0 && found < count;
	     at = fdt_next_node(flat, at, NULL)) {
		if (!dt_is_wanted(phandles, count, fdt_get_phandle(flat, at)))
			continue;
		err = flat_read_node(flat, at, link);
		if (*link)
			link = &(*link)->next;
		found++;
	}
	if (err) {
		dt_nodes_free(*nodes);
		*nodes = NULL;
	}
	return err;
}
