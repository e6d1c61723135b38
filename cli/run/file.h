/* SPDX-License-Identifier: MIT */
/* Options of lend run from a file: @FILE. */
#ifndef CLI_RUN_FILE_H
#define CLI_RUN_FILE_H

#include <lend/context.h>

/* A command line in which files took the places of their names. */
struct run_file {
	int argc;
	char **argv;  /* ends with NULL */
	char **texts; /* of the files, which argv borrows from */
	int text_count;
};

/*
 * Replaces each argument @FILE before the first option by the options in it. A
 * line has an option and its value, which is the rest of the line, blanks in it
 * too; empty lines, and those that begin with '#', are ignored. The caller
 * calls run_file_free(), also after a failure. Returns 0, or -errno with a
 * record that names the line.
 */
int run_file_expand(struct lend_ctx *ctx, int argc, char **argv,
		    struct run_file *file);
void run_file_free(struct run_file *file);

#endif
