// SPDX-License-Identifier: MIT
// lend check: each precondition of lending, a verdict, and what helps.

#include <stdio.h>
#include <string.h>

#include "devices.h"
#include "json.h"
#include "options.h"
#include "run-values.h"

struct check_run {
	struct json_object *findings;
	uint64_t memory;
};

static int set_memory(struct cli *cli, void *opaque, const char *value)
{
	struct check_run *run = opaque;

	return run_value_memory(cli->ctx, "-m", value, &run->memory);
}

static const struct cli_option options[] = {
	{.name = "m",
	 .argument = "SIZE",
	 .help = "guest memory that the devices are to reach",
	 .set = set_memory},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE...",
	.about = "Looks at every precondition of lending each DEVICE to a "
		 "virtual machine that you run,\n"
		 "and tells what helps. Changes nothing. The exit status is 0 "
		 "where all can be lent,\n"
		 "1 where something stands in the way.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

static const char *const status_words[] = {
	[LEND_CHECK_OK] = "ok",
	[LEND_CHECK_WARNING] = "warn",
	[LEND_CHECK_FAILED] = "FAIL",
};

static void add(void *opaque, const struct lend_finding *finding)
{
	struct check_run *run = opaque;
	struct json_object *o = json_object_new_object();

	json_add_text(o, "check", finding->check);
	json_add_text(o, "status", status_words[finding->status]);
	json_add_text(o, "code",
		      finding->status == LEND_CHECK_FAILED
			      ? lend_error_code_name(finding->code)
			      : NULL);
	json_add_text(o, "device", finding->device[0] ? finding->device : NULL);
	json_add_text(o, "what", finding->what);
	json_add_lines(o, "evidence", finding->evidence);
	json_add_lines(o, "remedy", finding->remedy);
	json_object_array_add(run->findings, o);
}

static void print_lines(const struct json_object *lines, const char *prefix)
{
	for (size_t i = 0; i < json_length(lines); i++)
		printf("%s%s\n", prefix,
		       json_object_get_string(json_at(lines, i)));
}

static bool has_line(const struct json_object *lines, const char *line)
{
	for (size_t i = 0; i < json_length(lines); i++)
		if (!strcmp(json_object_get_string(json_at(lines, i)), line))
			return true;
	return false;
}

/* Binding a device is part of binding its group. */
static bool is_covered(const struct json_object *lines, const char *line)
{
	static const char bind[] = "lend bind ";
	char wider[512];

	if (strncmp(line, bind, strlen(bind)))
		return has_line(lines, line);
	snprintf(wider, sizeof(wider), "%s--group %s", bind,
		 line + strlen(bind));
	return has_line(lines, line) || has_line(lines, wider);
}

/* What is to be done, each once, what covers most first. */
static struct json_object *remedies(const struct check_run *run)
{
	struct json_object *all = json_object_new_array();

	for (size_t i = json_length(run->findings); i-- > 0;) {
		const struct json_object *f = json_at(run->findings, i);
		const struct json_object *lines = json_get(f, "remedy");

		for (size_t n = 0; n < json_length(lines); n++) {
			struct json_object *line = json_at(lines, n);

			if (strcmp(json_text(f, "status"), "FAIL") ||
			    is_covered(all, json_object_get_string(line)))
				continue;
			json_object_array_add(all, json_object_get(line));
		}
	}
	return all;
}

static void print(const struct json_object *document)
{
	const struct json_object *findings = json_get(document, "findings");
	int failed = (int)json_number(document, "failed");

	for (size_t i = 0; i < json_length(findings); i++) {
		const struct json_object *f = json_at(findings, i);
		const char *device = json_text(f, "device");

		printf("%-4s  %s%s%s\n", json_text(f, "status"), device,
		       device[0] ? ": " : "", json_text(f, "what"));
		print_lines(json_get(f, "evidence"), "        ");
	}
	if (!failed)
		puts("This can be lent.");
	else
		printf("This cannot be lent: %d of %zu checks failed.\n",
		       failed, json_length(findings));
	if (json_length(json_get(document, "remedy"))) {
		puts("Fix:");
		print_lines(json_get(document, "remedy"), "  ");
	}
}

static int check(struct cli *cli, const struct devices *devices,
		 struct check_run *run)
{
	struct lend_check_options check_options = {
		.size = sizeof(check_options),
		.memory = run->memory,
		.found = add,
		.opaque = run,
	};
	struct json_object *document = json_object_new_object();
	int failed = lend_check(cli->ctx, devices->addresses, devices->count,
				&check_options);

	cli->failed = failed > 0;
	json_add_bool(document, "lendable", !failed);
	json_add_number(document, "failed", failed);
	json_add(document, "findings", run->findings);
	json_add(document, "remedy", remedies(run));
	if (cli->json) {
		json_print(document);
	} else {
		print(document);
		json_object_put(document);
	}
	return failed < 0 ? failed : 0;
}

int cmd_check(struct cli *cli, int argc, char **argv)
{
	struct check_run run = {0};
	struct devices devices;
	int error = devices_parse(cli, &syntax, &run, argc, argv, &devices);

	if (error)
		return error;
	run.findings = json_object_new_array();
	error = check(cli, &devices, &run);
	devices_free(&devices);
	return error;
}
