// SPDX-License-Identifier: MIT
// lend list: lists the devices of this host, and whether each can be lent.

#include <stdio.h>
#include <stdlib.h>

#include "cli/facts.h"
#include "cli/options.h"

struct list {
	struct lend_ctx *ctx;
	struct names *names;
	struct json_object *devices;
	bool by_group;
	bool all;
};

static const struct cli_option options[] = {
	{.name = "group",
	 .help = "sort by IOMMU group",
	 .flag = offsetof(struct list, by_group)},
	{.name = "all",
	 .help = "include platform devices without an IOMMU group",
	 .flag = offsetof(struct list, all)},
};

static const struct cli_syntax syntax = {
	.about = "Lists the PCI, platform and mediated devices of this host: "
		 "what each is, its\n"
		 "driver, its IOMMU group, and whether it can be lent. lend "
		 "check shows why not.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

static int cmd_list_add(void *opaque, struct lend_address *address)
{
	struct list *list = opaque;

	/* A board has dozens that nobody would lend. */
	if (lend_address_bus(address) == LEND_BUS_PLATFORM && !list->all &&
	    lend_address_group(address) < 0)
		return 0;
	json_object_array_add(list->devices,
			      facts_of(list->ctx, list->names, address));
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

static void cmd_list_print(const struct list *list)
{
	for (size_t i = 0; i < json_length(list->devices); i++) {
		const struct json_object *facts = json_at(list->devices, i);
		const char *driver = json_text(facts, "driver");
		int group = (int)json_number(facts, "group");

		if (list->by_group && group >= 0)
			printf("IOMMU group %d  ", group);
		else if (list->by_group)
			printf("no IOMMU group  ");
		facts_print_title(facts);
		printf("  %s", driver[0] ? driver : "(none)");
		if (!list->by_group && group >= 0)
			printf("  group %d", group);
		printf("  %s", json_text(facts, "verdict_text"));
		facts_print_abilities(facts, "; ");
		putchar('\n');
	}
}

static int cmd_list_collect(struct list *list)
{
	static const enum lend_bus buses[] = {
		LEND_BUS_PCI,
		LEND_BUS_PLATFORM,
		LEND_BUS_MDEV,
	};
	int err = 0;

	for (unsigned int i = 0; i < sizeof(buses) / sizeof(buses[0]) && !err;
	     i++)
		err = lend_host_list(list->ctx, buses[i], cmd_list_add, list);
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
	list.names = names_open();
	list.devices = json_object_new_array();
	err = cmd_list_collect(&list);
	if (!err && cli->json) {
		struct json_object *document = json_new_document();

		json_add(document, "devices", json_object_get(list.devices));
		json_print(document);
	} else if (!err) {
		cmd_list_print(&list);
	}
	json_object_put(list.devices);
	names_close(list.names);
	return err;
}
