// SPDX-License-Identifier: MIT
// Parses a command line of `lend run` that is written as one string.

#include <stdio.h>
#include <string.h>

#include "tests/unit/cli/run/line.h"

enum { ARGS_MAX = 96 };

int line_parse(struct cli *cli, const char *line, struct run_options *options)
{
	static char text[4096];
	static char name[] = "run";
	char *argv[ARGS_MAX + 1] = {name};
	char *rest = text;
	int argc = 1;
	int err;

	snprintf(text, sizeof(text), "%s", line);
	while (*text && rest && argc < ARGS_MAX)
		argv[argc++] = strsep(&rest, "|");
	err = run_options_parse(options, cli, argc, argv);
	return err ? err : run_refusals_report(&options->refusals, cli->ctx);
}
