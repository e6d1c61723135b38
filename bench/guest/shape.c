// SPDX-License-Identifier: MIT
// Prints a lent device's node, and its bus, without numbers that each machine
// chooses: addresses, interrupts, phandles.
//
// usage: shape NAME
//
// NAME is the part after the comma in a string of the node's compatible. A
// line: the node (NAME, NAME/clock-0, bus), the property's name, and its value.

#include <endian.h>
#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../tests/lab/guest/tree.h"

#define PATH 512

struct property {
	uint8_t data[4096];
	size_t size;
};

static bool property_read(const char *node, const char *name,
			  struct property *p)
{
	char path[PATH];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", node, name);
	file = fopen(path, "re");
	p->size = file ? fread(p->data, 1, sizeof(p->data), file) : 0;
	if (file)
		fclose(file);
	return file;
}

static uint32_t property_cell(const struct property *p, size_t index)
{
	uint32_t value = 0;

	if (4 * index + 4 <= p->size)
		memcpy(&value, p->data + 4 * index, 4);
	return be32toh(value);
}

static uint32_t property_number(const char *node, const char *name,
				uint32_t none)
{
	struct property p;

	return property_read(node, name, &p) ? property_cell(&p, 0) : none;
}

/* The node with this phandle. */
static bool shape_find_phandle(uint32_t phandle, char *path)
{
	static const char *const levels[] = {TREE "/*/phandle",
					     TREE "/*/*/phandle"};
	bool found = false;
	glob_t files;

	for (unsigned int l = 0; l < 2 && !found; l++) {
		if (glob(levels[l], 0, NULL, &files))
			continue;
		for (size_t i = 0; i < files.gl_pathc && !found; i++) {
			snprintf(path, PATH, "%s", files.gl_pathv[i]);
			*strrchr(path, '/') = '\0';
			found = property_number(path, "phandle", 0) == phandle;
		}
		globfree(&files);
	}
	return found;
}

/* As in source. */
static void shape_print_value(const struct property *p)
{
	const char *text = (const char *)p->data;

	if (tree_is_text(p->data, p->size))
		for (size_t i = 0; i < p->size; i += strlen(text + i) + 1)
			printf(" \"%s\"", text + i);
	else if (p->size % 4)
		for (size_t i = 0; i < p->size; i++)
			printf(" %02x", p->data[i]);
	else
		for (size_t i = 0; i < p->size / 4; i++)
			printf(" %#x", property_cell(p, i));
}

/* The number and sizes of regions, without addresses. */
static void shape_print_reg(const char *bus, const struct property *p)
{
	uint32_t address = property_number(bus, "#address-cells", 2);
	uint32_t size = property_number(bus, "#size-cells", 1);

	for (size_t i = address + size; i <= p->size / 4; i += address + size)
		printf(" %#x", property_cell(p, i - 1));
}

/* The kind of each interrupt, without its number. */
static void shape_print_interrupts(const struct property *p)
{
	for (size_t i = 0; i < p->size / 12; i++)
		printf(" %s:%s", property_cell(p, 3 * i) ? "ppi" : "spi",
		       property_cell(p, 3 * i + 2) == 1   ? "edge-rising"
		       : property_cell(p, 3 * i + 2) == 4 ? "level-high"
							  : "other");
}

/* A node's name, without its first region's address if it has that. */
static void shape_print_name(const char *node, const char *bus,
			     const char *whose)
{
	const char *name = strrchr(node, '/') + 1;
	const char *at = strchr(name, '@');
	struct property reg;
	uint32_t cells = bus ? property_number(bus, "#address-cells", 2) : 0;

	if (at && bus && property_read(node, "reg", &reg) && cells &&
	    strtoull(at + 1, NULL, 16) == property_cell(&reg, cells - 1))
		printf("%s (name) %.*s@REGION-0\n", whose, (int)(at - name),
		       name);
	else
		printf("%s (name) %s\n", whose, name);
}

static void shape_print_node(const char *node, const char *bus,
			     const char *whose);

/* The number of clocks, followed by their nodes. */
static void shape_print_clocks(const struct property *p, const char *whose)
{
	char path[PATH], clock[64];

	printf(" %zu nodes\n", p->size / 4);
	for (size_t i = 0; i < p->size / 4; i++) {
		snprintf(clock, sizeof(clock), "%s/clock-%zu", whose, i);
		if (shape_find_phandle(property_cell(p, i), path))
			shape_print_node(path, NULL, clock);
		else
			printf("%s leads nowhere\n", clock);
	}
}

static void shape_print_parent(const struct property *p)
{
	struct property compatible;
	char path[PATH];

	if (shape_find_phandle(property_cell(p, 0), path) &&
	    property_read(path, "compatible", &compatible))
		shape_print_value(&compatible);
}

static void shape_print_property(const char *node, const char *bus,
				 const char *whose, const char *name)
{
	struct property p;

	property_read(node, name, &p);
	printf("%s %s", whose, name);
	if (!strcmp(name, "clocks")) {
		shape_print_clocks(&p, whose);
		return;
	}
	if (!strcmp(name, "reg") && bus)
		shape_print_reg(bus, &p);
	else if (!strcmp(name, "interrupts"))
		shape_print_interrupts(&p);
	else if (!strcmp(name, "interrupt-parent"))
		shape_print_parent(&p);
	else if (!strcmp(name, "ranges"))
		printf(p.size ? " a window" : " as above");
	else
		shape_print_value(&p);
	puts("");
}

static void shape_print_node(const char *node, const char *bus,
			     const char *whose)
{
	struct dirent **list;
	int count = scandir(node, &list, tree_is_property, alphasort);

	shape_print_name(node, bus, whose);
	for (int i = 0; i < count; i++)
		shape_print_property(node, bus, whose, list[i]->d_name);
}

static bool shape_is_wanted(const struct property *compatible, const char *name)
{
	const char *text = (const char *)compatible->data;

	if (!tree_is_text(compatible->data, compatible->size))
		return false;
	for (size_t i = 0; i < compatible->size; i += strlen(text + i) + 1) {
		const char *comma = strchr(text + i, ',');

		if (comma && !strcmp(comma + 1, name))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	struct property compatible;
	bool found = false;
	glob_t files;

	if (argc != 2 || glob(TREE "/*/*/compatible", 0, NULL, &files))
		return 2;
	for (size_t i = 0; i < files.gl_pathc && !found; i++) {
		char *node = files.gl_pathv[i], bus[PATH];

		*strrchr(node, '/') = '\0';
		snprintf(bus, sizeof(bus), "%s", node);
		*strrchr(bus, '/') = '\0';
		found = property_read(node, "compatible", &compatible) &&
			shape_is_wanted(&compatible, argv[1]);
		if (found) {
			shape_print_node(node, bus, argv[1]);
			shape_print_node(bus, NULL, "bus");
		}
	}
	if (!found)
		printf("%s FAILED: no such node\n", argv[1]);
	globfree(&files);
	return !found;
}
