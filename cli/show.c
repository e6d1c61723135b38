// SPDX-License-Identifier: MIT
// lend show: shows the details of devices.

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/devices.h"
#include "cli/facts.h"
#include "cli/mdev.h"
#include "cli/paste.h"
#include "cli/show.h"

struct show {
	const struct paste_form *form; /* or NULL */
};

static int cmd_show_set_form(struct cli *cli, void *opaque, const char *value)
{
	struct show *show = opaque;

	show->form = paste_find(cli, value);
	return show->form ? 0 : -EINVAL;
}

static const struct cli_option options[] = {
	{.name = "as",
	 .argument = "PROGRAM",
	 .help = "print what PROGRAM takes to get the devices",
	 .set = cmd_show_set_form},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE...",
	.about = "Shows the details of each DEVICE: IOMMU group, regions, "
		 "interrupts, reset\n"
		 "methods, capabilities, virtual functions, and types of "
		 "mediated devices. A\n"
		 "device that is bound to a VFIO driver and not in use is "
		 "opened for that.\n"
		 "\n"
		 "PROGRAM is qemu, libvirt, cloud-hypervisor, crosvm, podman "
		 "or lend.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

static int add_member(void *opaque, const struct lend_member *member)
{
	struct json_object *o = json_object_new_object();

	json_add_text(o, "device", member->device);
	json_add_text(o, "driver", member->driver);
	json_add_bool(o, "blocks", member->verdict == LEND_MEMBER_BLOCKS);
	json_add_text(o, "verdict", lend_member_verdict_text(member->verdict));
	json_object_array_add(opaque, o);
	return 0;
}

static void add_members(struct json_object *facts, struct lend_ctx *ctx,
			const struct lend_address *address)
{
	struct json_object *members = json_object_new_array();
	int group = lend_address_group(address);

	if (group >= 0)
		lend_group_list(ctx, (unsigned int)group, add_member, members);
	json_add(facts, "members", members);
}

static void add_types(struct json_object *facts, struct lend_ctx *ctx,
		      const struct lend_address *address)
{
	struct json_object *types = json_object_new_array();

	if (json_is(facts, "mdev_parent"))
		lend_mdev_types(ctx, lend_address_name(address), mdev_add_type,
				types);
	json_add(facts, "mdev_types", types);
}

/* Adds an attribute that begins with a number, "8.0 GT/s PCIe". The kernel
 * shows a word, 0 or -1 for what it does not know. */
static void show_add_number(struct json_object *facts, const char *key,
			    const char *text, bool is_whole)
{
	char *end;
	double number = strtod(text, &end);

	/* Not a number at all, nan, is none of this either. */
	if (end == text || !(number >= 0 && number <= INT_MAX))
		json_add(facts, key, NULL);
	else if (is_whole)
		json_add_number(facts, key, (int64_t)number);
	else
		json_add(facts, key, json_object_new_double(number));
}

enum attribute_form {
	ATTRIBUTE_TEXT,
	ATTRIBUTE_WORDS,
	ATTRIBUTE_WHOLE,
	ATTRIBUTE_NUMBER,
};

static void add_attributes(struct json_object *facts,
			   const struct lend_address *address)
{
	static const struct {
		const char *name;
		const char *key;
		enum attribute_form form;
	} attributes[] = {
		{"reset_method", "reset_methods", ATTRIBUTE_WORDS},
		{"power_state", "power_state", ATTRIBUTE_TEXT},
		{"current_link_speed", "link_speed", ATTRIBUTE_NUMBER},
		{"current_link_width", "link_width", ATTRIBUTE_WHOLE},
		{"label", "label", ATTRIBUTE_TEXT},
		{"nvidia/current_vgpu_type", "nvidia_vgpu_type",
		 ATTRIBUTE_WHOLE},
		{"numa_node", "numa_node", ATTRIBUTE_WHOLE},
	};
	char text[256];

	for (unsigned int i = 0; i < sizeof(attributes) / sizeof(attributes[0]);
	     i++) {
		const char *key = attributes[i].key;

		lend_attribute_read(address, attributes[i].name, text,
				    sizeof(text));
		if (attributes[i].form == ATTRIBUTE_TEXT)
			json_add_text(facts, key, text);
		else if (attributes[i].form == ATTRIBUTE_WORDS)
			json_add_words(facts, key, text);
		else
			show_add_number(facts, key, text,
					attributes[i].form == ATTRIBUTE_WHOLE);
	}
}

static struct json_object *cmd_show_describe(struct lend_ctx *ctx,
					     const struct facts_source *source,
					     struct lend_address *address)
{
	struct json_object *facts = facts_of(source, address);

	add_members(facts, ctx, address);
	add_attributes(facts, address);
	if (lend_address_bus(address) == LEND_BUS_PCI)
		show_add_config(facts, address);
	add_types(facts, ctx, address);
	show_add_vfio(facts, ctx, address);
	return facts;
}

static void cmd_show_print(struct cli *cli, const struct devices *devices)
{
	struct json_object *document, *shown = json_object_new_array();
	struct facts_source source;

	facts_open(&source, cli->ctx);
	for (unsigned int i = 0; i < devices->count; i++)
		json_object_array_add(shown,
				      cmd_show_describe(cli->ctx, &source,
							devices->addresses[i]));
	facts_close(&source);
	document = json_new_document();
	json_add(document, "devices", shown);
	if (cli->json) {
		json_print(document);
		return;
	}
	for (size_t i = 0; i < json_length(shown); i++)
		show_print(json_at(shown, i));
	json_object_put(document);
}

int cmd_show(struct cli *cli, int argc, char **argv)
{
	struct show show = {0};
	struct devices devices;
	int err = devices_parse(cli, &syntax, &show, argc, argv, &devices);

	if (err)
		return err;
	if (show.form)
		err = paste_print(cli, show.form, &devices);
	else
		cmd_show_print(cli, &devices);
	devices_free(&devices);
	return err;
}
