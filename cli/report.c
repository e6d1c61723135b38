// SPDX-License-Identifier: MIT
// Prints errors and log messages.

#include <stdio.h>
#include <unistd.h>

#include "cli/json.h"
#include "cli/report.h"

void report_find_watcher(struct cli *cli)
{
	cli->watched = isatty(STDERR_FILENO);
}

static void report_text(const struct lend_error *e)
{
	char text[LEND_ERROR_TEXT];

	lend_error_format(e, text, sizeof(text));
	fprintf(stderr, "lend: %s\n", text);
}

struct json_object *report_json_error(const struct lend_ctx *ctx)
{
	const struct lend_error *e = lend_ctx_error(ctx);
	struct json_object *err = json_object_new_object();

	json_add_text(err, "code", lend_error_code_name(e->code));
	json_add_number(err, "errno", e->err);
	json_add_text(err, "device", e->device);
	json_add_text(err, "what", e->what);
	json_add_lines(err, "evidence", e->evidence);
	json_add_lines(err, "remedy", e->remedy);
	return err;
}

static void report_json(const struct lend_ctx *ctx)
{
	struct json_object *document = json_new_document();

	json_add(document, "error", report_json_error(ctx));
	json_print(document);
}

void report_error(const struct cli *cli)
{
	const struct lend_error *e = lend_ctx_error(cli->ctx);

	fflush(stdout);
	if (cli->json)
		report_json(cli->ctx);
	else
		report_text(e);
}

void report_log(void *opaque, enum lend_log_level level, const char *text)
{
	const struct cli *cli = opaque;

	if (level == LEND_LOG_WARNING && cli->warn)
		cli->warn(cli->warn_opaque, text);
	if (level == LEND_LOG_WARNING)
		fprintf(stderr, "lend: warning: %s\n", text);
	else if (level == LEND_LOG_PROGRESS && cli->watched)
		fprintf(stderr, "lend: %s\n", text);
	else if (cli->verbose >= (unsigned int)level)
		fprintf(stderr, "lend: %s\n", text);
}
