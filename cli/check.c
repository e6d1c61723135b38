// SPDX-License-Identifier: MIT
// lend check: checks each precondition of lending, and how to fix what fails.

#include <stdio.h>

#include "cli/devices.h"
#include "cli/findings.h"
#include "cli/options.h"
#include "cli/persist.h"
#include "cli/values.h"

struct check_run {
	struct json_object *findings;
	uint64_t memory;
};

static int cmd_check_set_memory(struct cli *cli, void *opaque,
				const char *value)
{
	struct check_run *run = opaque;

	return value_memory(cli->ctx, "-m", value, &run->memory);
}

static const struct cli_option options[] = {
	{.name = "m",
	 .argument = "SIZE",
	 .help = "guest memory that the devices must reach",
	 .set = cmd_check_set_memory},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE...",
	.about =
		"Checks every precondition of lending each DEVICE to a "
		"virtual machine of this\n"
		"user, and shows how to fix what fails. Changes nothing. The "
		"exit status is 0 if\n"
		"all devices can be lent, 1 if not, and 3 if a DEVICE does not "
		"exist.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

static void cmd_check_print(const struct json_object *document, bool with_names)
{
	const struct json_object *findings = json_get(document, "findings");
	int failed = (int)json_number(document, "failed");

	findings_print(document, with_names);
	if (!failed)
		puts("This can be lent.");
	else
		printf("This cannot be lent: %d of %zu checks failed.\n",
		       failed, json_length(findings));
	findings_print_remedy(document);
}

static int cmd_check_run(struct cli *cli, const struct devices *devices,
			 struct check_run *run)
{
	struct lend_check_options check_options = {
		.size = sizeof(check_options),
		.memory = run->memory,
		.found = findings_add,
		.opaque = run->findings,
	};
	struct json_object *document = json_new_document();
	int failed = lend_check(cli->ctx, devices->addresses, devices->count,
				&check_options);

	persist_add_findings(cli, devices, run->findings);
	cli->failed = failed > 0;
	json_add_bool(document, "lendable", !failed);
	findings_conclude(document, run->findings);
	if (cli->json) {
		json_print(document);
	} else {
		cmd_check_print(document, cli->verbose > 0);
		json_object_put(document);
	}
	return failed < 0 ? failed : 0;
}

int cmd_check(struct cli *cli, int argc, char **argv)
{
	struct check_run run = {0};
	struct devices devices;
	int err = devices_parse(cli, &syntax, &run, argc, argv, &devices);

	cli->no_device =
		err && lend_ctx_error(cli->ctx)->code == LEND_ERROR_NO_DEVICE;
	if (err)
		return err;
	run.findings = json_object_new_array();
	err = cmd_check_run(cli, &devices, &run);
	devices_free(&devices);
	return err;
}
