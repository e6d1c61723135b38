/* SPDX-License-Identifier: MIT */
/* A flat device tree as source that dtc reads. */
#ifndef CLI_DT_SOURCE_H
#define CLI_DT_SOURCE_H

#include <stdio.h>

/* Prints the tree, which is whole. Returns 0, or -errno where it is not. */
int dt_source_print(FILE *file, const void *fdt);

#endif
