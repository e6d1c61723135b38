// SPDX-License-Identifier: MIT
// Compares two flat trees, node by node and property by property.

#include <limits.h>
#include <libfdt.h>

#include "board.h"

static bool board_is_reference(const char *name)
{
	return !strcmp(name, "clocks") || !strcmp(name, "memory-region") ||
	       !strcmp(name, "phy-handle") || strstr(name, "-supply");
}

static void path_of(const void *fdt, uint32_t phandle, char *path)
{
	int node = fdt_node_offset_by_phandle(fdt, phandle);

	if (node < 0 || fdt_get_path(fdt, node, path, PATH_MAX))
		fail_msg("phandle %u leads nowhere", phandle);
}

static void compare_phandles(const void *has, const void *wanted,
			     const fdt32_t *a, const fdt32_t *b, int size)
{
	char one[PATH_MAX], other[PATH_MAX];

	for (int i = 0; i < size / 4; i++) {
		path_of(has, fdt32_ld(&a[i]), one);
		path_of(wanted, fdt32_ld(&b[i]), other);
		assert_string_equal(one, other);
	}
}

/* Each property of a's node is in b's, with the same value. */
static void compare_properties(const void *has, int a, const void *wanted,
			       int b, const char *who)
{
	int property;

	fdt_for_each_property_offset(property, has, a)
	{
		const char *name;
		int size, other_size;
		const void *data =
			fdt_getprop_by_offset(has, property, &name, &size);
		const void *other = fdt_getprop(wanted, b, name, &other_size);

		if (!strcmp(name, "phandle"))
			continue;
		if (!other)
			fail_msg("%s: %s is too much", who, name);
		if (size != other_size || (!board_is_reference(name) &&
					   memcmp(data, other, (size_t)size)))
			fail_msg("%s: %s has another value", who, name);
		if (board_is_reference(name))
			compare_phandles(has, wanted, data, other, size);
	}
}

/* The same nodes with the same properties, all the way down. */
static void compare_nodes(const void *has, int a, const void *wanted, int b)
{
	const char *who = fdt_get_name(wanted, b, NULL);
	const char *name;
	int child, twin;

	compare_properties(has, a, wanted, b, who);
	compare_properties(wanted, b, has, a, who);
	fdt_for_each_subnode(child, has, a)
	{
		name = fdt_get_name(has, child, NULL);
		if (fdt_subnode_offset(wanted, b, name) < 0)
			fail_msg("%s: node %s is too much", who, name);
	}
	fdt_for_each_subnode(child, wanted, b)
	{
		name = fdt_get_name(wanted, child, NULL);
		twin = fdt_subnode_offset(has, a, name);
		if (twin < 0)
			fail_msg("%s: node %s is missing", who, name);
		compare_nodes(has, twin, wanted, child);
	}
}

void board_compare(const void *has, const void *wanted)
{
	compare_nodes(has, 0, wanted, 0);
}
