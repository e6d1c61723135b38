/* SPDX-License-Identifier: MIT */
/* Prints a flat device tree as source for dtc. */
#ifndef CLI_DT_SOURCE_H
#define CLI_DT_SOURCE_H

#include <stdio.h>

/* Prints the tree. Returns 0, or -errno if it is damaged. */
int dt_source_print(FILE *file, const void *fdt);

#endif
