// SPDX-License-Identifier: MIT
// lend ctl: asks and commands a run by its control socket.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/ctl-plug.h"
#include "cli/json.h"
#include "cli/options.h"
#include "cli/runs.h"
#include "cli/runtime.h"
#include "cli/table.h"

struct ctl {
	bool lists;
	const char *device; /* of plug */
};

static int ctl_set_device(struct cli *cli, void *opaque, const char *value)
{
	struct ctl *ctl = opaque;

	(void)cli;
	ctl->device = value;
	return 0;
}

static const struct cli_option options[] = {
	{.name = "list",
	 .help = "list the runs that have a name",
	 .flag = offsetof(struct ctl, lists)},
	{.name = "device",
	 .argument = "SPEC",
	 .help = "the device to plug, as in lend run",
	 .set = ctl_set_device},
};

static const struct cli_syntax syntax = {
	.operands = "[NAME|PATH] ACTION",
	.about = "Asks and commands a run that was started with -qmp. NAME is "
		 "that of -name, with\n"
		 "-qmp auto; PATH is that of -qmp unix:PATH. Without either, "
		 "there must be one run\n"
		 "alone.\n"
		 "\n"
		 "ACTION  status     whether the guest runs\n"
		 "        pci        the guest's PCI functions\n"
		 "        stop       stop the guest's processors\n"
		 "        cont       let them go on\n"
		 "        powerdown  press the guest's power button\n"
		 "        reset      reset the guest\n"
		 "        quit       end the run at once\n"
		 "        plug       plug the device of -device in\n"
		 "        unplug ID  have the guest release a device\n"
		 "        events     print what happens, until the run ends",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

static void ctl_print_status(const struct json_object *result)
{
	puts(json_text(result, "status"));
}

static void ctl_add_functions(struct json_object *rows,
			      const struct json_object *devices)
{
	for (size_t i = 0; i < json_length(devices); i++) {
		const struct json_object *device = json_at(devices, i);
		const struct json_object *id = json_get(device, "id");
		const struct json_object *bridge =
			json_get(device, "pci_bridge");
		struct json_object *row = json_object_new_array();
		char text[32];

		snprintf(text, sizeof(text), "%02x:%02x.%x",
			 (unsigned int)json_number(device, "bus"),
			 (unsigned int)json_number(device, "slot"),
			 (unsigned int)json_number(device, "function"));
		table_add_cell(row, text);
		snprintf(text, sizeof(text), "%04x:%04x",
			 (unsigned int)json_number(id, "vendor"),
			 (unsigned int)json_number(id, "device"));
		table_add_cell(row, text);
		table_add_cell(row, json_text(device, "qdev_id"));
		json_object_array_add(rows, row);
		if (bridge)
			ctl_add_functions(rows, json_get(bridge, "devices"));
	}
}

static void ctl_print_pci(const struct json_object *result)
{
	struct json_object *rows = json_object_new_array();

	for (size_t i = 0; i < json_length(result); i++)
		ctl_add_functions(rows,
				  json_get(json_at(result, i), "devices"));
	table_print(rows);
	json_object_put(rows);
}

/* What can be asked for. */
static const struct ctl_action {
	const char *name;
	const char *command;                             /* NULL: events */
	void (*print)(const struct json_object *result); /* NULL: nothing */
	bool has_id;
	bool has_device;
} actions[] = {
	{"status", "query-status", ctl_print_status, false, false},
	{"pci", "query-pci", ctl_print_pci, false, false},
	{"stop", "stop", NULL, false, false},
	{"cont", "cont", NULL, false, false},
	{"powerdown", "system_powerdown", NULL, false, false},
	{"reset", "system_reset", NULL, false, false},
	{"quit", "quit", NULL, false, false},
	{"plug", "device_add", NULL, false, true},
	{"unplug", "device_del", NULL, true, false},
	{"events", NULL, NULL, false, false},
};

#define ACTIONS (sizeof(actions) / sizeof(actions[0]))

static const struct ctl_action *ctl_find_action(const char *name)
{
	for (size_t i = 0; i < ACTIONS; i++)
		if (!strcmp(actions[i].name, name))
			return &actions[i];
	return NULL;
}

struct ctl_search {
	const char *name; /* NULL: any */
	struct runtime_path path;
	unsigned int count;
};

static void ctl_compare(void *opaque, const char *path, const char *name)
{
	struct ctl_search *search = opaque;

	if (search->name && strcmp(search->name, name) != 0)
		return;
	snprintf(search->path.text, sizeof(search->path.text), "%s", path);
	search->count++;
}

/* With a slash it is a path. */
static int ctl_find_run(struct cli *cli, const char *name,
			struct runtime_path *path)
{
	struct ctl_search search = {.name = name};

	if (name && strchr(name, '/')) {
		if (snprintf(path->text, sizeof(path->text), "%s", name) <
		    (int)sizeof(path->text))
			return 0;
		return lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT,
				      ENAMETOOLONG, NULL,
				      "%s: not the path of a socket", name);
	}
	runs_each(ctl_compare, &search);
	*path = search.path;
	if (search.count == 1)
		return 0;
	if (name)
		lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, ENOENT, NULL,
			       "no run has the name '%s'", name);
	else
		lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, ENOENT, NULL,
			       "%u runs have a name", search.count);
	return lend_error_remedy(cli->ctx,
				 "lend ctl --list shows those that were "
				 "started with -qmp auto; or give the path of "
				 "-qmp");
}

static void ctl_print_event(const struct cli *cli, struct json_object *message)
{
	const struct json_object *data = json_get(message, "data");
	const char *name = json_text(message, "event");

	if (!*name)
		return;
	if (cli->json)
		puts(json_object_to_json_string(message));
	else if (data)
		printf("%s %s\n", name,
		       json_object_to_json_string(
			       (struct json_object *)(uintptr_t)data));
	else
		puts(name);
	fflush(stdout);
}

static void ctl_follow(const struct cli *cli, struct client *client)
{
	struct json_object *message;

	while ((message = client_receive(client))) {
		ctl_print_event(cli, message);
		json_object_put(message);
	}
}

static void ctl_print(const struct cli *cli, const struct ctl_action *action,
		      struct json_object *result)
{
	struct json_object *document;

	if (cli->json) {
		document = json_new_document();
		json_add(document, action->name, json_object_get(result));
		json_print(document);
	} else if (action->print) {
		action->print(result);
	}
}

static int ctl_call(struct cli *cli, struct client *client,
		    const struct ctl_action *action, const char *text,
		    struct json_object **result)
{
	struct json_object *arguments = NULL;

	if (action->has_device)
		return ctl_plug(cli, client, text, result);
	if (action->has_id) {
		arguments = json_object_new_object();
		json_object_object_add(arguments, "id",
				       json_object_new_string(text));
	}
	return client_call(client, action->command, arguments, result);
}

/* @text is the action's ID or device, or NULL. */
static int ctl_act(struct cli *cli, const char *path,
		   const struct ctl_action *action, const char *text)
{
	struct json_object *result = NULL;
	struct client client;
	int err = client_open(&client, cli->ctx, path);

	if (!err && !action->command) {
		ctl_follow(cli, &client);
	} else if (!err) {
		err = ctl_call(cli, &client, action, text, &result);
		if (!err)
			ctl_print(cli, action, result);
		json_object_put(result);
	}
	client_close(&client);
	return err;
}

/* The last operands are the action and its ID; one before them, the run. */
int cmd_ctl(struct cli *cli, int argc, char **argv)
{
	struct ctl ctl = {0};
	const struct ctl_action *action = NULL;
	struct runtime_path path;
	int count = cli_parse(cli, &syntax, &ctl, argc, argv);
	int at = 1, err;

	if (count < 0)
		return count;
	if (ctl.lists)
		return runs_print(cli);
	while (!action && at <= count && at <= 2)
		action = ctl_find_action(argv[at++]);
	if (!action)
		return cli_refuse(cli, argv[0], "no action given");
	if (count != at - 1 + action->has_id)
		return cli_refuse(cli, argv[0], "%s: %s", action->name,
				  action->has_id ? "give one ID" : "too much");
	if (action->has_device != (ctl.device != NULL))
		return cli_refuse(cli, argv[0], "%s: %s", action->name,
				  action->has_device ? "give one -device"
						     : "it has no -device");
	err = ctl_find_run(cli, at == 3 ? argv[1] : NULL, &path);
	return err ? err
		   : ctl_act(cli, path.text, action,
			     action->has_id ? argv[at] : ctl.device);
}
