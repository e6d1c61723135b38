// SPDX-License-Identifier: MIT
// Prints rows of texts in columns.

#include <stdio.h>

#include "cli/table.h"

enum { COLUMNS_MAX = 8 };

void table_add_cell(struct json_object *row, const char *text)
{
	json_object_array_add(row, json_new_text(text && *text ? text : "-"));
}

/* Characters, of UTF-8: bytes that continue one are not counted. */
static int table_cell_width(const char *text)
{
	int width = 0;

	for (; *text; text++)
		width += (*text & 0xc0) != 0x80;
	return width;
}

static const char *table_cell(const struct json_object *row, size_t column)
{
	return json_object_get_string(json_at(row, column));
}

static void table_print_row(const struct json_object *row, const int *widths)
{
	size_t columns = json_length(row);

	for (size_t i = 0; i < columns; i++) {
		const char *text = table_cell(row, i);

		printf("%s", text);
		if (i + 1 < columns)
			printf("%*s", widths[i] - table_cell_width(text) + 2,
			       "");
	}
	putchar('\n');
}

void table_print(const struct json_object *rows)
{
	int widths[COLUMNS_MAX] = {0};

	for (size_t r = 0; r < json_length(rows); r++)
		for (size_t i = 0; i < json_length(json_at(rows, r)); i++) {
			int width = table_cell_width(
				table_cell(json_at(rows, r), i));

			if (i < COLUMNS_MAX && width > widths[i])
				widths[i] = width;
		}
	for (size_t r = 0; r < json_length(rows); r++)
		table_print_row(json_at(rows, r), widths);
}
