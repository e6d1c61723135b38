// SPDX-License-Identifier: MIT
// How the command line tells a person what happened.

#include <stdio.h>
#include <string.h>

#include "report.h"

/* Prints each line of text behind its prefix: the first one's, the others'. */
static void print_lines(const char *text, const char *first, const char *others)
{
	const char *prefix = first;

	while (*text) {
		size_t length = strcspn(text, "\n");

		fprintf(stderr, "%s%.*s\n", prefix, (int)length, text);
		prefix = others;
		text += length;
		if (*text)
			text++;
	}
}

void report_error(const struct lend_ctx *ctx)
{
	const struct lend_error *e = lend_ctx_error(ctx);

	fflush(stdout);
	if (e->device[0])
		fprintf(stderr, "lend: %s: %s\n", e->device, e->what);
	else
		fprintf(stderr, "lend: %s\n", e->what);
	print_lines(e->evidence, "  ", "  ");
	print_lines(e->remedy, "Fix: ", "     ");
}

void report_log(void *opaque, enum lend_log_level level, const char *text)
{
	const struct cli *cli = opaque;

	if (level == LEND_LOG_WARNING)
		fprintf(stderr, "lend: warning: %s\n", text);
	else if (cli->verbose >= (unsigned int)level)
		fprintf(stderr, "lend: %s\n", text);
}
