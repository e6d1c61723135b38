// SPDX-License-Identifier: MIT
// lend sriov: shows or sets the number of virtual functions of a device, and
// the settings of each.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/devices.h"
#include "cli/json.h"
#include "cli/vf.h"

struct sriov {
	bool force;
	struct vf_settings wanted;
};

static int cmd_sriov_take(struct cli *cli, void *opaque, enum vf_field field,
			  const char *value)
{
	struct sriov *sriov = opaque;
	const char *expected = vf_field_read(&sriov->wanted, field, value);

	return expected ? cli_refuse(cli, "sriov", "--%s %s: expected %s",
				     vf_field_name(field), value, expected)
			: 0;
}

#define TAKES(name, field)                                                     \
	static int cmd_sriov_take_##name(struct cli *cli, void *opaque,        \
					 const char *value)                    \
	{                                                                      \
		return cmd_sriov_take(cli, opaque, field, value);              \
	}

TAKES(mac, VF_MAC)
TAKES(vlan, VF_VLAN)
TAKES(max_rate, VF_MAX_RATE)
TAKES(min_rate, VF_MIN_RATE)
TAKES(spoof_check, VF_SPOOF_CHECK)
TAKES(trust, VF_TRUST)

static const struct cli_option options[] = {
	{.name = "force",
	 .help = "remove virtual functions that the host uses",
	 .flag = offsetof(struct sriov, force)},
	{.name = "mac",
	 .argument = "ADDRESS",
	 .help = "MAC address of a virtual function",
	 .set = cmd_sriov_take_mac},
	{.name = "vlan",
	 .argument = "ID[:PRIORITY]",
	 .help = "VLAN that its frames are tagged with",
	 .set = cmd_sriov_take_vlan},
	{.name = "max-rate",
	 .argument = "MBIT",
	 .help = "most Mbit/s that it may send",
	 .set = cmd_sriov_take_max_rate},
	{.name = "min-rate",
	 .argument = "MBIT",
	 .help = "Mbit/s that it can always send",
	 .set = cmd_sriov_take_min_rate},
	{.name = "spoof-check",
	 .argument = "on|off",
	 .help = "drop frames from other MAC addresses",
	 .set = cmd_sriov_take_spoof_check},
	{.name = "trust",
	 .argument = "on|off",
	 .help = "let it change its MAC address, and receive all frames",
	 .set = cmd_sriov_take_trust},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE [COUNT]",
	.about = "Sets the number of virtual functions of the physical "
		 "function DEVICE to COUNT.\n"
		 "Without COUNT, shows how many it has and can have. Lists "
		 "their addresses.\n"
		 "For a virtual function DEVICE, sets what the options say; "
		 "shows its settings.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

static int read_count(struct cli *cli, const char *text, unsigned int *count)
{
	if (!*text || text[strspn(text, "0123456789")] || strlen(text) > 5)
		return cli_refuse(cli, "sriov", "'%s' is not a count", text);
	*count = (unsigned int)atoi(text);
	return 0;
}

static int cmd_sriov_visit(
	struct cli *cli, const struct lend_address *address, unsigned int i,
	int (*each)(void *opaque, struct lend_address *function), void *opaque)
{
	struct lend_address *function;
	char path[4096];
	int err;

	snprintf(path, sizeof(path), "%s/virtfn%u", lend_address_path(address),
		 i);
	err = lend_address_find_path(cli->ctx, path, &function);
	if (err)
		return err;
	err = each(opaque, function);
	lend_address_unref(function);
	return err;
}

static int cmd_sriov_check_idle(void *opaque, struct lend_address *function)
{
	(void)opaque;
	return lend_check_idle(function);
}

static int cmd_sriov_add(void *opaque, struct lend_address *function)
{
	json_object_array_add(opaque,
			      json_new_text(lend_address_name(function)));
	return 0;
}

/* The settings of functions end with them. */
static int cmd_sriov_forget(struct cli *cli, const struct json_object *names)
{
	int err = 0;

	for (size_t i = 0; i < json_length(names) && !err; i++)
		err = vf_forget(cli, json_object_get_string(json_at(names, i)));
	return err;
}

static int cmd_sriov_set(struct cli *cli, const struct sriov *sriov,
			 const struct lend_address *address, unsigned int count)
{
	struct json_object *names;
	unsigned int now, total;
	int err = lend_sriov_get(address, &now, &total);

	for (unsigned int i = 0;
	     i < now && now != count && !sriov->force && !err; i++)
		err = cmd_sriov_visit(cli, address, i, cmd_sriov_check_idle,
				      NULL);
	names = json_object_new_array();
	for (unsigned int i = 0; i < now && now != count && !err; i++)
		err = cmd_sriov_visit(cli, address, i, cmd_sriov_add, names);
	if (!err)
		err = lend_sriov_set(address, count);
	if (!err)
		err = cmd_sriov_forget(cli, names);
	json_object_put(names);
	return err;
}

static int cmd_sriov_print(struct cli *cli, const struct lend_address *address)
{
	struct json_object *document, *functions;
	unsigned int count, total;
	int err = lend_sriov_get(address, &count, &total);

	if (err)
		return err;
	functions = json_object_new_array();
	for (unsigned int i = 0; i < count && !err; i++)
		err = cmd_sriov_visit(cli, address, i, cmd_sriov_add,
				      functions);
	document = json_new_document();
	json_add_text(document, "device", lend_address_name(address));
	json_add_number(document, "count", count);
	json_add_number(document, "total", total);
	json_add(document, "functions", functions);
	if (!err && cli->json) {
		json_print(document);
		return 0;
	}
	if (!err)
		printf("%s  %u of %u virtual functions\n",
		       json_text(document, "device"), count, total);
	for (size_t i = 0; !err && i < json_length(functions); i++)
		printf("%s\n", json_object_get_string(json_at(functions, i)));
	json_object_put(document);
	return err;
}

/* A rate that is not limited is 0, and an unknown field null. */
static void cmd_sriov_add_field(struct json_object *document, const char *key,
				const struct vf_settings *settings,
				enum vf_field field, struct json_object *value)
{
	if (vf_knows(settings, field)) {
		json_add(document, key, value);
		return;
	}
	json_object_put(value);
	json_add(document, key, NULL);
}

static struct json_object *
cmd_sriov_describe(const struct vf_link *link,
		   const struct vf_settings *settings)
{
	struct json_object *document = json_new_document();
	struct vf_text mac = vf_field_text(settings, VF_MAC);

	json_add_text(document, "device", link->device);
	json_add_text(document, "physical_function", link->physical);
	json_add_number(document, "index", link->index);
	json_add_text(document, "interface", link->interface);
	json_add_text(document, "mac",
		      strcmp(mac.text, "none") != 0 ? mac.text : NULL);
	cmd_sriov_add_field(document, "vlan", settings, VF_VLAN,
			    json_object_new_int64(settings->vlan));
	cmd_sriov_add_field(document, "vlan_priority", settings, VF_VLAN,
			    json_object_new_int64(settings->priority));
	cmd_sriov_add_field(document, "max_rate", settings, VF_MAX_RATE,
			    json_object_new_int64(settings->max_rate));
	cmd_sriov_add_field(document, "min_rate", settings, VF_MIN_RATE,
			    json_object_new_int64(settings->min_rate));
	cmd_sriov_add_field(document, "spoof_check", settings, VF_SPOOF_CHECK,
			    json_object_new_boolean(settings->spoof_check));
	cmd_sriov_add_field(document, "trust", settings, VF_TRUST,
			    json_object_new_boolean(settings->trust));
	return document;
}

static void cmd_sriov_print_function(const struct cli *cli,
				     const struct vf_link *link,
				     const struct vf_settings *settings)
{
	struct json_object *document = cmd_sriov_describe(link, settings);

	if (cli->json) {
		json_print(document);
		return;
	}
	printf("%s  virtual function %u of %s, set by %s\n",
	       json_text(document, "device"), link->index,
	       json_text(document, "physical_function"),
	       json_text(document, "interface"));
	for (enum vf_field field = 0; field < VF_FIELDS; field++)
		printf("%-11s %s\n", vf_field_name(field),
		       vf_knows(settings, field)
			       ? vf_field_text(settings, field).text
			       : "unsupported");
	json_object_put(document);
}

static int cmd_sriov_function(struct cli *cli, const struct sriov *sriov,
			      const struct lend_address *address)
{
	struct vf_settings settings;
	struct vf_link link;
	int err = vf_link_find(cli, address, &link, &settings);

	if (!err && sriov->wanted.known)
		err = vf_change(cli, &link, &settings, &sriov->wanted);
	/* What the driver made of it. */
	if (!err && sriov->wanted.known)
		err = vf_link_find(cli, address, &link, &settings);
	if (!err)
		cmd_sriov_print_function(cli, &link, &settings);
	return err;
}

static bool cmd_sriov_is_function(const struct lend_address *address)
{
	char physical[256];

	return lend_attribute_link(address, "physfn", physical,
				   sizeof(physical)) > 0;
}

int cmd_sriov(struct cli *cli, int argc, char **argv)
{
	struct sriov sriov = {0};
	struct lend_address *address;
	unsigned int wanted = 0;
	int count = cli_parse(cli, &syntax, &sriov, argc, argv);
	int err = 0;

	if (count < 0)
		return count;
	if (count < 1 || count > 2)
		return cli_refuse(cli, "sriov", "expected DEVICE [COUNT]");
	if (count == 2 && sriov.wanted.known)
		return cli_refuse(cli, "sriov",
				  "COUNT and settings of a virtual function "
				  "exclude each other");
	if (count == 2)
		err = read_count(cli, argv[2], &wanted);
	if (!err)
		err = lend_address_find(cli->ctx, argv[1], &address);
	if (err)
		return err;
	if (count == 2)
		err = cmd_sriov_set(cli, &sriov, address, wanted);
	if (!err && (sriov.wanted.known ||
		     (count == 1 && cmd_sriov_is_function(address))))
		err = cmd_sriov_function(cli, &sriov, address);
	else if (!err)
		err = cmd_sriov_print(cli, address);
	lend_address_unref(address);
	return err;
}
