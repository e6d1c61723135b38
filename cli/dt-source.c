// SPDX-License-Identifier: MIT
// Prints a flat device tree as source for dtc.

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <libfdt.h>

#include "cli/dt-source.h"

#define DEPTH_MAX 32

/* Whether a property is known to hold phandles only, of nodes in this tree:
 * they are printed as labels, which are easier to read. */
static bool dt_source_is_reference(const void *fdt, const char *name,
				   const fdt32_t *cell, int cells)
{
	static const char supply[] = "-supply";
	size_t length = strlen(name);

	if (strcmp(name, "clocks") && strcmp(name, "memory-region") &&
	    strcmp(name, "phy-handle") &&
	    (length < sizeof(supply) ||
	     strcmp(name + length - (sizeof(supply) - 1), supply)))
		return false;
	for (int i = 0; i < cells; i++)
		if (fdt_node_offset_by_phandle(fdt, fdt32_ld(&cell[i])) < 0)
			return false;
	return cells > 0;
}

/* Prints a node's name as a label, made unique by its phandle. */
static void print_label(FILE *file, const void *fdt, uint32_t phandle)
{
	int node = fdt_node_offset_by_phandle(fdt, phandle);
	const char *name = node < 0 ? NULL : fdt_get_name(fdt, node, NULL);

	fputc('n', file);
	for (; name && *name && *name != '@'; name++)
		fputc(isalnum((unsigned char)*name) ? *name : '_', file);
	fprintf(file, "_%" PRIu32, phandle);
}

static bool dt_source_is_text(const char *data, int size)
{
	bool was_end = true;

	if (size < 2 || data[size - 1])
		return false;
	for (int i = 0; i < size; i++) {
		if (data[i] ? !isprint((unsigned char)data[i]) : was_end)
			return false;
		was_end = !data[i];
	}
	return true;
}

static void dt_source_print_text(FILE *file, const char *data, int size)
{
	for (int i = 0; i < size; i += (int)strlen(data + i) + 1) {
		fputs(i ? ", \"" : "\"", file);
		for (const char *c = data + i; *c; c++) {
			if (*c == '"' || *c == '\\')
				fputc('\\', file);
			fputc(*c, file);
		}
		fputc('"', file);
	}
}

static void print_cells(FILE *file, const void *fdt, const char *name,
			const fdt32_t *cell, int cells)
{
	bool refers = dt_source_is_reference(fdt, name, cell, cells);

	fputc('<', file);
	for (int i = 0; i < cells; i++) {
		if (i)
			fputc(' ', file);
		if (refers) {
			fputc('&', file);
			print_label(file, fdt, fdt32_ld(&cell[i]));
		} else {
			fprintf(file, "0x%" PRIx32, fdt32_ld(&cell[i]));
		}
	}
	fputc('>', file);
}

static void dt_source_print_value(FILE *file, const void *fdt, const char *name,
				  const char *data, int size)
{
	if (dt_source_is_text(data, size)) {
		dt_source_print_text(file, data, size);
	} else if (size % 4 == 0) {
		print_cells(file, fdt, name, (const fdt32_t *)data, size / 4);
	} else {
		fputc('[', file);
		for (int i = 0; i < size; i++)
			fprintf(file, "%s%02x", i ? " " : "",
				(unsigned int)(unsigned char)data[i]);
		fputc(']', file);
	}
}

static void dt_source_indent(FILE *file, int depth)
{
	while (depth--)
		fputc('\t', file);
}

static void print_properties(FILE *file, const void *fdt, int node, int depth)
{
	int property;

	fdt_for_each_property_offset(property, fdt, node)
	{
		const char *name;
		int size;
		const char *data =
			fdt_getprop_by_offset(fdt, property, &name, &size);

		/* With the phandles, references that are printed as numbers
		 * lead to the same nodes. */
		if (!data)
			continue;
		dt_source_indent(file, depth);
		fputs(name, file);
		if (size) {
			fputs(" = ", file);
			dt_source_print_value(file, fdt, name, data, size);
		}
		fputs(";\n", file);
	}
}

static int dt_source_print_node(FILE *file, const void *fdt, int node,
				int depth)
{
	uint32_t phandle = fdt_get_phandle(fdt, node);
	const char *name = fdt_get_name(fdt, node, NULL);
	int child, err = 0;

	if (!name || depth > DEPTH_MAX)
		return -EBADMSG;
	dt_source_indent(file, depth);
	if (phandle) {
		print_label(file, fdt, phandle);
		fputs(": ", file);
	}
	fprintf(file, "%s {\n", *name ? name : "/");
	print_properties(file, fdt, node, depth + 1);
	fdt_for_each_subnode(child, fdt, node)
	{
		fputc('\n', file);
		err = dt_source_print_node(file, fdt, child, depth + 1);
		if (err)
			return err;
	}
	dt_source_indent(file, depth);
	fputs("};\n", file);
	return 0;
}

int dt_source_print(FILE *file, const void *fdt)
{
	if (fdt_check_header(fdt))
		return -EBADMSG;
	fputs("/dts-v1/;\n\n", file);
	return dt_source_print_node(file, fdt, 0, 0);
}
