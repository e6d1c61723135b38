/* SPDX-License-Identifier: MIT */
/* The runs of lend run that have a name, by their control sockets. */
#ifndef CLI_RUNS_H
#define CLI_RUNS_H

#include "cli/command.h"

/* Calls @found for each. */
void runs_each(void (*found)(void *opaque, const char *path, const char *name),
	       void *opaque);

/* Prints a line, or an entry of a document, for each. Returns 0. */
int runs_print(const struct cli *cli);

#endif
