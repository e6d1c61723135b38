/* SPDX-License-Identifier: MIT */
/* Reading procfs: the start of a file, or a whole table line by line. */
#ifndef LIB_BASE_PROCFS_H
#define LIB_BASE_PROCFS_H

#include <stddef.h>

#include <lend/context.h>

/* Reads the start of a file below procfs, as much as fits; text is ended by
 * NUL, and "" on failure. Returns the length or -errno. No record is made. */
int procfs_read(struct lend_ctx *ctx, const char *name, char *text,
		size_t size);

/* Reads a whole file below procfs, up to 1 MiB. Returns its text for free(), or
 * NULL on failure. No record is made. */
char *procfs_read_all(struct lend_ctx *ctx, const char *name);

/* Returns the line at *rest, ended by NUL, and moves *rest behind it; NULL at
 * the end of the text. */
char *procfs_next_line(char **rest);

#endif
