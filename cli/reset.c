// SPDX-License-Identifier: MIT
// lend reset: resets devices, each by itself or with its bus.

#include <errno.h>
#include <stdio.h>

#include "cli/devices.h"
#include "cli/json.h"
#include "cli/reset-bus.h"

struct reset {
	bool bus;
	bool dry_run;
	bool force;
};

static const struct cli_option options[] = {
	{.name = "bus",
	 .help = "reset all functions of the first one's slot or bus",
	 .flag = offsetof(struct reset, bus)},
	{.name = "dry-run",
	 .help = "show how each would be reset; reset nothing",
	 .flag = offsetof(struct reset, dry_run)},
	{.name = "force",
	 .help = "reset devices that the host or a guest uses",
	 .flag = offsetof(struct reset, force)},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE...",
	.about = "Resets each DEVICE by the first of its reset methods that "
		 "works. No other device\n"
		 "is affected. A device in use by the host or by a guest is "
		 "refused.\n"
		 "\n"
		 "With --bus, all functions of a slot or bus are reset "
		 "together. Each must be\n"
		 "bound to VFIO and named; --dry-run lists them.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

/* A device without the attribute has no reset method of its own. @text is "" if
 * the methods are unknown. */
static int read_methods(struct lend_ctx *ctx,
			const struct lend_address *address, char *text,
			size_t size)
{
	/* Kernels before 5.15 have no list of methods. */
	int length = lend_attribute_read(address, "reset_method", text, size);

	if (length > 0)
		return 0;
	if (length == -ENOENT &&
	    lend_attribute_read(address, "reset", text, size) != -ENOENT) {
		return 0;
	}
	return lend_error_set(ctx, LEND_ERROR_DEVICE, ENOTSUP,
			      lend_address_name(address),
			      "it has no reset method of its own");
}

static int cmd_reset_one(struct cli *cli, const struct reset *reset,
			 const struct lend_address *address,
			 struct json_object *list)
{
	struct json_object *o;
	char methods[256], printable[256];
	int err = read_methods(cli->ctx, address, methods, sizeof(methods));

	if (!err && !reset->force && lend_check_idle(address))
		return lend_error_remedy(cli->ctx,
					 "or override with lend reset --force");
	if (!err && !reset->dry_run)
		err = lend_host_reset(address);
	if (err)
		return err;
	o = json_object_new_object();
	json_add_text(o, "device", lend_address_name(address));
	json_add(o, "methods", NULL);
	if (methods[0])
		json_add_words(o, "methods", methods);
	json_add_bool(o, "ours", true);
	json_add_bool(o, "done", !reset->dry_run);
	json_join(json_get(o, "methods"), " ", printable, sizeof(printable));
	if (!cli->json)
		printf("%s  %s: %s; affects no other device\n",
		       json_text(o, "device"),
		       reset->dry_run ? "would be reset" : "was reset",
		       methods[0] ? printable : "unknown");
	json_object_array_add(list, o);
	return 0;
}

int cmd_reset(struct cli *cli, int argc, char **argv)
{
	struct json_object *document, *list;
	struct reset reset = {0};
	struct devices devices;
	int err = devices_parse(cli, &syntax, &reset, argc, argv, &devices);

	if (err)
		return err;
	list = json_object_new_array();
	if (reset.bus)
		err = reset_bus(cli, &devices, reset.dry_run, list);
	for (unsigned int i = 0; i < devices.count && !err && !reset.bus; i++)
		err = cmd_reset_one(cli, &reset, devices.addresses[i], list);
	devices_free(&devices);
	document = json_new_document();
	json_add(document, "reset", list);
	if (!err && cli->json)
		json_print(document);
	else
		json_object_put(document);
	return err;
}
