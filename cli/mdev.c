// SPDX-License-Identifier: MIT
// lend mdev: lists types of mediated devices, creates and removes devices.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "cli/devices.h"
#include "cli/json.h"
#include "cli/mdev.h"

static const struct cli_syntax syntax = {
	.operands = "types [PARENT]\n"
		    "       lend mdev [OPTION]... create PARENT TYPE [UUID]\n"
		    "       lend mdev [OPTION]... remove DEVICE...",
	.about = "types   lists the types of mediated devices that PARENT, or "
		 "any parent, supports\n"
		 "create  creates a device, with the given UUID or a new one, "
		 "and prints the UUID\n"
		 "remove  removes each DEVICE\n"
		 "\n"
		 "A mediated device lasts until it is removed or the host "
		 "reboots; mdevctl(8)\n"
		 "makes persistent ones.",
};

int mdev_add_type(void *opaque, const struct lend_mdev_type *type)
{
	struct json_object *o = json_object_new_object();

	json_add_text(o, "parent", type->parent);
	json_add_text(o, "type", type->type);
	json_add_text(o, "name", type->name);
	json_add_text(o, "description", type->description);
	json_add_text(o, "api", type->api);
	json_add(o, "available",
		 type->available < 0 ? NULL
				     : json_object_new_int(type->available));
	json_object_array_add(opaque, o);
	return 0;
}

static void cmd_mdev_print_types(const struct json_object *types)
{
	if (!json_length(types))
		puts("No device on this host supports mediated devices.");
	for (size_t i = 0; i < json_length(types); i++) {
		const struct json_object *t = json_at(types, i);
		const char *available = json_text(t, "available");
		const char *api = json_text(t, "api");

		printf("%s  %s  %s  %s  %s available\n", json_text(t, "parent"),
		       json_text(t, "type"), json_text(t, "name"),
		       api[0] ? api : "-",
		       available[0] ? available : "unknown number");
	}
}

static int cmd_mdev_list_types(struct cli *cli, int count, char **words)
{
	struct json_object *document, *types;
	int err;

	if (count > 1)
		return cli_refuse(cli, "mdev",
				  "'types' takes at most one PARENT");
	types = json_object_new_array();
	err = lend_mdev_types(cli->ctx, count ? words[0] : NULL, mdev_add_type,
			      types);
	document = json_new_document();
	json_add(document, "types", types);
	if (!err && cli->json) {
		json_print(document);
		return 0;
	}
	if (!err)
		cmd_mdev_print_types(types);
	json_object_put(document);
	return err;
}

/* RFC 9562, version 4. */
static int make_uuid(struct lend_ctx *ctx, char uuid[37])
{
	unsigned char b[16];
	char *at = uuid;

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return lend_error_set(ctx, LEND_ERROR_SYSTEM, EIO, NULL,
				      "cannot get random numbers for a UUID");
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	for (unsigned int i = 0; i < sizeof(b); i++)
		at += sprintf(at, "%s%02x",
			      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			      b[i]);
	return 0;
}

static void cmd_mdev_print_device(const struct cli *cli, const char *key,
				  const struct lend_address *address)
{
	struct json_object *document = json_new_document();

	json_add_text(document, key, lend_address_name(address));
	json_add_text(document, "path", lend_address_path(address));
	if (cli->json) {
		json_print(document);
		return;
	}
	puts(json_text(document, key));
	json_object_put(document);
}

static int cmd_mdev_create(struct cli *cli, int count, char **words)
{
	struct lend_address *address;
	char uuid[37];
	int err = 0;

	if (count < 2 || count > 3)
		return cli_refuse(cli, "mdev",
				  "'create' requires PARENT TYPE [UUID]");
	if (count == 2)
		err = make_uuid(cli->ctx, uuid);
	if (!err)
		err = lend_mdev_create(cli->ctx, words[0], words[1],
				       count == 2 ? uuid : words[2], &address);
	if (err)
		return err;
	cmd_mdev_print_device(cli, "created", address);
	lend_address_unref(address);
	return 0;
}

static int remove_all(struct cli *cli, int count, char **words)
{
	struct json_object *document, *list;
	struct devices devices;
	int err;

	if (!count)
		return cli_refuse(cli, "mdev", "no device given");
	err = devices_find(cli->ctx, words, (unsigned int)count, &devices);
	if (err)
		return err;
	list = json_object_new_array();
	for (unsigned int i = 0; i < devices.count && !err; i++) {
		const char *name = lend_address_name(devices.addresses[i]);

		err = lend_mdev_remove(devices.addresses[i]);
		if (err)
			break;
		json_object_array_add(list, json_new_text(name));
		if (!cli->json)
			puts(json_object_get_string(json_at(list, i)));
	}
	devices_free(&devices);
	document = json_new_document();
	json_add(document, "removed", list);
	if (!err && cli->json)
		json_print(document);
	else
		json_object_put(document);
	return err;
}

static const struct {
	const char *name;
	int (*run)(struct cli *cli, int count, char **words);
} actions[] = {
	{"types", cmd_mdev_list_types},
	{"create", cmd_mdev_create},
	{"remove", remove_all},
};

int cmd_mdev(struct cli *cli, int argc, char **argv)
{
	int count = cli_parse(cli, &syntax, NULL, argc, argv);

	if (count < 0)
		return count;
	if (!count)
		return cli_refuse(cli, "mdev",
				  "expected 'types', 'create' or 'remove'");
	for (unsigned int i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (!strcmp(argv[1], actions[i].name))
			return actions[i].run(cli, count - 1, argv + 2);
	return cli_refuse(
		cli, "mdev",
		"unknown action '%s'; expected 'types', 'create' or 'remove'",
		argv[1]);
}
