// SPDX-License-Identifier: MIT
// Prints devices as a tree of what they are behind.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli/parts.h"
#include "cli/tree.h"

enum { TREE_NONE = -1, TREE_DEPTH = 32 };

/* What a line begins with, and the lines of what is below it. */
static const struct tree_lines {
	const char *between, *last;
	const char *below_between, *below_last;
} tree_ascii = {"+- ", "\\- ", "|  ", "   "},
  tree_utf8 = {"├─ ", "└─ ", "│  ", "   "};

struct tree_node {
	const struct json_object *facts;
	const char *path;
	size_t length; /* of path */
	int parent;    /* TREE_NONE: a root */
};

struct tree {
	struct tree_node *nodes;
	int count;
	const struct tree_lines *lines;
};

bool tree_has_utf8(void)
{
	static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};

	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") ||
			       strcasestr(value, "utf8");
	}
	return false;
}

static bool tree_is_below(const struct tree_node *node,
			  const struct tree_node *above)
{
	return node->length > above->length &&
	       node->path[above->length] == '/' &&
	       !memcmp(node->path, above->path, above->length);
}

/* A virtual function is beside its physical one in sysfs, which is not a
 * virtual one itself. */
static int tree_find_physical(const struct tree *tree, int node)
{
	const char *name =
		json_text(tree->nodes[node].facts, "physical_function");

	for (int i = 0; i < tree->count && name[0]; i++)
		if (!strcmp(json_text(tree->nodes[i].facts, "device"), name) &&
		    !json_text(tree->nodes[i].facts, "physical_function")[0])
			return i;
	return TREE_NONE;
}

static int tree_find_parent(const struct tree *tree, int node)
{
	int parent = tree_find_physical(tree, node);

	for (int i = 0; i < tree->count && parent == TREE_NONE; i++)
		if (tree_is_below(&tree->nodes[node], &tree->nodes[i]))
			parent = i;
	if (parent == TREE_NONE ||
	    !tree_is_below(&tree->nodes[node], &tree->nodes[parent]))
		return parent;
	/* The nearest of those that it is below. */
	for (int i = 0; i < tree->count; i++)
		if (tree_is_below(&tree->nodes[node], &tree->nodes[i]) &&
		    tree->nodes[i].length > tree->nodes[parent].length)
			parent = i;
	return parent;
}

/* A PCI root is the directory of its devices; others have the first one of
 * their paths. */
static void tree_name_root(const struct tree_node *node, char *name,
			   size_t size)
{
	static const char devices[] = "/devices/";
	const char *start = strstr(node->path, devices);
	const char *end = strrchr(node->path, '/');

	start = start ? start + strlen(devices) : node->path;
	if (!strcmp(json_text(node->facts, "bus"), "pci"))
		for (const char *c = start; c < end; c++)
			start = c[0] == '/' ? c + 1 : start;
	else
		end = start + strcspn(start, "/");
	snprintf(name, size, "%.*s", end > start ? (int)(end - start) : 0,
		 start);
}

/* Whether it keeps a member of its group from a guest: one has VFIO. */
static bool tree_blocks(const struct tree *tree, const struct tree_node *node)
{
	int64_t group = json_number(node->facts, "group");

	if (group < 0 ||
	    strcmp(json_text(node->facts, "verdict"), "bindable") != 0 ||
	    !json_text(node->facts, "driver")[0])
		return false;
	for (int i = 0; i < tree->count; i++)
		if (json_number(tree->nodes[i].facts, "group") == group &&
		    strstr(json_text(tree->nodes[i].facts, "driver"), "vfio"))
			return true;
	return false;
}

static void tree_print_node(const struct tree *tree,
			    const struct tree_node *node)
{
	const char *driver = json_text(node->facts, "driver");
	const char *name = json_text(node->facts, "name");
	const char *group = json_text(node->facts, "group");
	const char *detail = json_text(node->facts, "verdict_detail");
	char parts[256];

	parts_write(node->facts, parts, sizeof(parts));
	printf("%s", json_text(node->facts, "device"));
	if (name[0])
		printf("  %s", name);
	printf("  %s", driver[0] ? driver : "(no driver)");
	if (json_get(node->facts, "group"))
		printf("  group %s", group);
	if (parts[0])
		printf("  %s", parts);
	if (tree_blocks(tree, node))
		printf("  BLOCKS group %s", group);
	else
		printf("  %s", json_text(node->facts, "verdict_text"));
	printf("%s%s\n", detail[0] ? ": " : "", detail);
}

static int tree_next_child(const struct tree *tree, int parent, int after)
{
	for (int i = after + 1; i < tree->count; i++)
		if (tree->nodes[i].parent == parent)
			return i;
	return TREE_NONE;
}

/* Each node has one parent, so that a loop in sysfs is below no root. */
static void tree_print_below(const struct tree *tree, int parent,
			     const char *before, unsigned int depth)
{
	char below[TREE_DEPTH * 8];
	int child = tree_next_child(tree, parent, TREE_NONE);

	while (child != TREE_NONE && depth < TREE_DEPTH) {
		int next = tree_next_child(tree, parent, child);
		bool is_last = next == TREE_NONE;

		printf("%s%s", before,
		       is_last ? tree->lines->last : tree->lines->between);
		tree_print_node(tree, &tree->nodes[child]);
		snprintf(below, sizeof(below), "%s%s", before,
			 is_last ? tree->lines->below_last
				 : tree->lines->below_between);
		tree_print_below(tree, child, below, depth + 1);
		child = next;
	}
}

static void tree_print_head(const struct tree_node *node, const char *root)
{
	const char *iommu = json_text(node->facts, "iommu");

	printf("%s", root);
	if (iommu[0])
		printf("  IOMMU %s", iommu);
	if (json_get(node->facts, "numa_node"))
		printf("  NUMA node %s", json_text(node->facts, "numa_node"));
	putchar('\n');
}

/* Prints what has the same root as the node, and takes it out of the list. */
static void tree_print_root(struct tree *tree, int first)
{
	char root[128], other[128];
	int base = tree->count;

	tree_name_root(&tree->nodes[first], root, sizeof(root));
	tree_print_head(&tree->nodes[first], root);
	for (int i = first; i < tree->count; i++) {
		if (tree->nodes[i].parent != TREE_NONE)
			continue;
		tree_name_root(&tree->nodes[i], other, sizeof(other));
		if (!strcmp(root, other))
			tree->nodes[i].parent = base;
	}
	tree_print_below(tree, base, "", 0);
	for (int i = first; i < tree->count; i++)
		if (tree->nodes[i].parent == base)
			tree->nodes[i].parent = base + 1;
}

int tree_print(const struct json_object *devices, bool is_utf8)
{
	struct tree tree = {
		.count = (int)json_length(devices),
		.lines = is_utf8 ? &tree_utf8 : &tree_ascii,
	};

	tree.nodes = calloc((size_t)tree.count + 1, sizeof(*tree.nodes));
	if (!tree.nodes)
		return -ENOMEM;
	for (int i = 0; i < tree.count; i++) {
		struct tree_node *node = &tree.nodes[i];

		node->facts = json_at(devices, (size_t)i);
		node->path = json_text(node->facts, "path");
		node->length = strlen(node->path);
	}
	for (int i = 0; i < tree.count; i++)
		tree.nodes[i].parent = tree_find_parent(&tree, i);
	for (int i = 0; i < tree.count; i++)
		if (tree.nodes[i].parent == TREE_NONE)
			tree_print_root(&tree, i);
	free(tree.nodes);
	return 0;
}
