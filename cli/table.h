/* SPDX-License-Identifier: MIT */
/* Prints rows of texts in columns. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "cli/json.h"

/* Adds a cell to a row, an array; "-" for NULL and "", so that programs can
 * count columns. */
void table_add_cell(struct json_object *row, const char *text);

/* Prints rows, an array of rows; each column is as wide as its widest cell, the
 * last one has no padding. */
void table_print(const struct json_object *rows);

#endif
