/* SPDX-License-Identifier: MIT */
/* Tables of procfs, line by line. */
#ifndef LIB_CHECK_TEXT_H
#define LIB_CHECK_TEXT_H

#include <lend/context.h>

/* Reads a file below procfs, up to a bound. Returns its text for free(), or
 * NULL. */
char *text_read_proc(struct lend_ctx *ctx, const char *name);

/* The line that *rest begins with, ended by NUL, or NULL at the end; moves
 * *rest behind it. */
char *text_next_line(char **rest);

#endif
