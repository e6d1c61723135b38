// SPDX-License-Identifier: MIT
// lend list: lists the devices of this host, and whether each can be lent.

#include <stdio.h>
#include <stdlib.h>

#include "cli/devices.h"
#include "cli/facts.h"
#include "cli/no-memory.h"
#include "cli/options.h"
#include "cli/parts.h"
#include "cli/runs.h"
#include "cli/table.h"
#include "cli/tree.h"

struct list {
	struct lend_ctx *ctx;
	struct facts_source source;
	struct json_object *devices;
	bool by_group;
	bool all;
	bool is_tree;
	bool has_runs;
};

static const struct cli_option options[] = {
	{.name = "group",
	 .help = "sort by IOMMU group",
	 .flag = offsetof(struct list, by_group)},
	{.name = "tree",
	 .help = "show what each device is behind",
	 .flag = offsetof(struct list, is_tree)},
	{.name = "all",
	 .help = "include platform devices without an IOMMU group",
	 .flag = offsetof(struct list, all)},
	{.name = "runs",
	 .help = "list the runs that have a name, instead of devices",
	 .flag = offsetof(struct list, has_runs)},
};

static const struct cli_syntax syntax = {
	.about = "Lists the PCI, platform and mediated devices of this host: "
		 "the IOMMU\n"
		 "group, driver and names of each, whether it can be lent, and "
		 "what it is. lend\n"
		 "check shows why it cannot be lent.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

/* What the head of a root shows: those of its first device. */
static void cmd_list_add_place(struct json_object *facts,
			       const struct lend_address *address)
{
	char text[256];

	lend_attribute_link(address, "iommu", text, sizeof(text));
	json_add_text(facts, "iommu", text);
	lend_attribute_read(address, "numa_node", text, sizeof(text));
	json_add_text(facts, "numa_node", text[0] == '-' ? "" : text);
}

static int cmd_list_add(void *opaque, struct lend_address *address)
{
	struct list *list = opaque;
	struct json_object *facts;

	/* A board has dozens that nobody would lend. */
	if (lend_address_bus(address) == LEND_BUS_PLATFORM && !list->all &&
	    lend_address_group(address) < 0)
		return 0;
	facts = facts_of(&list->source, address);
	if (list->is_tree)
		cmd_list_add_place(facts, address);
	json_object_array_add(list->devices, facts);
	return 0;
}

static int compare_groups(const void *a, const void *b)
{
	int64_t left = json_number(*(struct json_object *const *)a, "group");
	int64_t right = json_number(*(struct json_object *const *)b, "group");

	/* Devices without a group come last. */
	if ((left < 0) != (right < 0))
		return left < 0 ? 1 : -1;
	return (left > right) - (left < right);
}

/* The column of the group comes first if it is what the rows are sorted by. */
static void cmd_list_add_row(const struct list *list, struct json_object *rows,
			     const char *group, const char *const cells[5])
{
	struct json_object *row = json_object_new_array();

	if (list->by_group)
		table_add_cell(row, group);
	table_add_cell(row, cells[0]);
	if (!list->by_group)
		table_add_cell(row, group);
	for (unsigned int i = 1; i < 5; i++)
		table_add_cell(row, cells[i]);
	json_object_array_add(rows, row);
}

static void cmd_list_print(const struct list *list, bool has_header)
{
	static const char *const header[] = {"DEVICE", "DRIVER", "NAMES",
					     "VERDICT", "DESCRIPTION"};
	struct json_object *rows = json_object_new_array();

	if (has_header && json_length(list->devices))
		cmd_list_add_row(list, rows, "GROUP", header);
	for (size_t i = 0; i < json_length(list->devices); i++) {
		const struct json_object *facts = json_at(list->devices, i);
		char names[256], description[512];

		parts_write(facts, names, sizeof(names));
		facts_describe(facts, description, sizeof(description));
		cmd_list_add_row(
			list, rows, json_text(facts, "group"),
			(const char *[5]){json_text(facts, "device"),
					  json_text(facts, "driver"), names,
					  json_text(facts, "verdict_text"),
					  description});
	}
	table_print(rows);
	json_object_put(rows);
}

static int cmd_list_collect(struct list *list)
{
	int err = devices_each(list->ctx, cmd_list_add, list);

	if (list->by_group)
		json_object_array_sort(list->devices, compare_groups);
	return err;
}

int cmd_list(struct cli *cli, int argc, char **argv)
{
	struct list list = {.ctx = cli->ctx};
	int err = cli_parse(cli, &syntax, &list, argc, argv);

	if (err < 0)
		return err;
	if (list.is_tree && list.by_group)
		return cli_refuse(cli, "list",
				  "--tree has an order of its own");
	if (list.has_runs)
		return runs_print(cli);
	/* The paths in a document are the tree. */
	list.is_tree &= !cli->json;
	facts_open(&list.source, cli->ctx);
	list.devices = json_object_new_array();
	err = cmd_list_collect(&list);
	if (!err && cli->json) {
		struct json_object *document = json_new_document();

		json_add(document, "devices", json_object_get(list.devices));
		json_print(document);
	} else if (!err && list.is_tree) {
		err = tree_print(list.devices, tree_has_utf8());
		if (err)
			cli_no_memory(cli->ctx);
	} else if (!err) {
		cmd_list_print(&list, cli->terminal);
	}
	json_object_put(list.devices);
	facts_close(&list.source);
	return err;
}
