// SPDX-License-Identifier: MIT
// Creates, queries and frees nodes of the host's device tree in memory.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/platform/tree.h"

/* The Devicetree Specification's characters, '@' of nodes, and the '#' that the
 * kernel appends to the second of two equal names. */
bool dt_is_name(const char *name)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789,._+-?#@";

	return *name && !name[strspn(name, good)] && strlen(name) <= DT_NAME;
}

struct dt_node *dt_node_new(const char *name, const char *path)
{
	struct dt_node *node = calloc(1, sizeof(*node));

	if (!node)
		return NULL;
	node->name = strdup(name);
	node->path = path ? strdup(path) : NULL;
	if (node->name && (!path || node->path))
		return node;
	dt_nodes_free(node);
	return NULL;
}

static void free_properties(struct dt_property *property)
{
	while (property) {
		struct dt_property *next = property->next;

		free(property->name);
		free(property);
		property = next;
	}
}

/* Recursion is bounded, since the depth of what was read is. */
void dt_nodes_free(struct dt_node *node)
{
	while (node) {
		struct dt_node *next = node->next;

		dt_nodes_free(node->children);
		free_properties(node->properties);
		free(node->path);
		free(node->name);
		free(node);
		node = next;
	}
}

int dt_add(struct dt_node *node, const char *name, const void *data,
	   uint32_t size)
{
	struct dt_property **link = &node->properties;
	struct dt_property *property =
		calloc(1, sizeof(*property) + size + 1UL);

	if (!property)
		return -ENOMEM;
	property->name = strdup(name);
	if (!property->name) {
		free(property);
		return -ENOMEM;
	}
	if (size)
		memcpy(property->data, data, size);
	property->size = size;
	while (*link && strcmp((*link)->name, name) < 0)
		link = &(*link)->next;
	property->next = *link;
	*link = property;
	return 0;
}

const struct dt_property *dt_get(const struct dt_node *node, const char *name)
{
	const struct dt_property *property = node->properties;

	while (property && strcmp(property->name, name))
		property = property->next;
	return property;
}

uint32_t dt_cell(const struct dt_property *property, uint32_t index)
{
	const uint8_t *at = property->data + 4UL * index;

	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

uint32_t dt_cells(const struct dt_property *property)
{
	return property && property->size % 4 == 0 ? property->size / 4 : 0;
}

uint32_t dt_number(const struct dt_node *node, const char *name,
		   uint32_t fallback)
{
	const struct dt_property *property = dt_get(node, name);

	return dt_cells(property) == 1 ? dt_cell(property, 0) : fallback;
}

/* Old compilers write the second name alone. */
uint32_t dt_phandle(const struct dt_node *node)
{
	return dt_number(node, "phandle", dt_number(node, "linux,phandle", 0));
}

const char *dt_string(const struct dt_property *property, unsigned int index)
{
	uint32_t at = 0;

	if (!property)
		return NULL;
	for (; at < property->size; index--) {
		const char *text = (const char *)property->data + at;

		if (!index)
			return text;
		at += (uint32_t)strlen(text) + 1;
	}
	return NULL;
}

bool dt_is_compatible(const struct dt_node *node, const char *word)
{
	const struct dt_property *list = dt_get(node, "compatible");
	const char *text;

	for (unsigned int i = 0; (text = dt_string(list, i)); i++)
		if (!strcmp(text, word))
			return true;
	return false;
}

int dt_base_length(const struct dt_node *node)
{
	return (int)strcspn(node->name, "@");
}
