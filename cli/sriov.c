// SPDX-License-Identifier: MIT
// lend sriov: shows or sets the number of virtual functions of a device.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/devices.h"
#include "cli/json.h"

struct sriov {
	bool force;
};

static const struct cli_option options[] = {
	{.name = "force",
	 .help = "remove virtual functions that the host uses",
	 .flag = offsetof(struct sriov, force)},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE [COUNT]",
	.about = "Sets the number of virtual functions of the physical "
		 "function DEVICE to COUNT.\n"
		 "Without COUNT, shows how many it has and can have. Lists "
		 "their addresses.",
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

static int cmd_sriov_set(struct cli *cli, const struct sriov *sriov,
			 const struct lend_address *address, unsigned int count)
{
	unsigned int now, total;
	int err = lend_sriov_get(address, &now, &total);

	for (unsigned int i = 0;
	     i < now && now != count && !sriov->force && !err; i++)
		err = cmd_sriov_visit(cli, address, i, cmd_sriov_check_idle,
				      NULL);
	return err ? err : lend_sriov_set(address, count);
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
	if (count == 2)
		err = read_count(cli, argv[2], &wanted);
	if (!err)
		err = lend_address_find(cli->ctx, argv[1], &address);
	if (err)
		return err;
	if (count == 2)
		err = cmd_sriov_set(cli, &sriov, address, wanted);
	if (!err)
		err = cmd_sriov_print(cli, address);
	lend_address_unref(address);
	return err;
}
