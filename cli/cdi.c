// SPDX-License-Identifier: MIT
// lend cdi: describes bound devices to container engines.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cdi-file.h"
#include "cli/json.h"
#include "cli/nodes.h"
#include "cli/options.h"

struct cdi_flags {
	const char *output;
	bool no_api_node;
};

static int cmd_cdi_set_output(struct cli *cli, void *opaque, const char *value)
{
	struct cdi_flags *flags = opaque;

	if (!*value)
		return cli_refuse(cli, "cdi", "--output: no file is named");
	flags->output = value;
	return 0;
}

static const struct cli_option options[] = {
	{.name = "output",
	 .argument = "FILE",
	 .help = "file to write, - for stdout (/run/cdi/lend.json)",
	 .set = cmd_cdi_set_output},
	{.name = "no-api-node",
	 .help = "leave out /dev/vfio/vfio and /dev/iommu, for Kata",
	 .flag = offsetof(struct cdi_flags, no_api_node)},
};

static const struct cli_syntax syntax = {
	.operands = "[DEVICE]...",
	.about =
		"Writes the file by which podman, containerd, CRI-O and others "
		"give devices to\n"
		"containers, and prints the names that the devices have "
		"there. Without DEVICE,\n"
		"all devices that are bound to VFIO are in it; without any, "
		"the file is removed.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

/* Finding all devices. */
struct cdi_search {
	struct lend_ctx *ctx;
	struct devices *devices;
};

static int cdi_find_bound(void *opaque, struct lend_address *address)
{
	const struct cdi_search *search = opaque;
	const char *name = lend_address_name(address);
	struct nodes nodes;

	if (!nodes_is_bound(address))
		return 0;
	nodes_of(address, &nodes);
	if (nodes.group >= 0 && !nodes.is_unsafe)
		return devices_add(search->ctx, search->devices, address);
	lend_log(search->ctx, LEND_LOG_WARNING,
		 "%s is left out: no IOMMU confines its DMA", name);
	return 0;
}

/* Prints the names by which a container is given the devices. */
static void cdi_print(const struct cli *cli, const char *path,
		      const struct devices *devices)
{
	struct json_object *names = json_object_new_array();
	struct json_object *document;
	char name[512];

	for (unsigned int i = 0; i < devices->count; i++) {
		snprintf(name, sizeof(name), CDI_KIND "=%s",
			 lend_address_name(devices->addresses[i]));
		json_object_array_add(names, json_new_text(name));
		if (!cli->json)
			puts(name);
	}
	if (!cli->json) {
		json_object_put(names);
		return;
	}
	document = json_new_document();
	json_add_text(document, "file", devices->count ? path : NULL);
	json_add(document, "names", names);
	json_print(document);
}

static int cmd_cdi_write(struct cli *cli, const struct cdi_flags *flags,
			 const struct devices *devices)
{
	bool is_stdout = flags->output && !strcmp(flags->output, "-");
	char path[256];
	int err;

	cdi_default_path(cli, path, sizeof(path));
	err = flags->output ? cdi_write(cli, flags->output, devices,
					!flags->no_api_node)
			    : cdi_replace(cli, devices, !flags->no_api_node);
	if (err)
		return err;
	if (devices->count)
		lend_log(cli->ctx, LEND_LOG_WARNING,
			 "the file cannot set limits: pinned memory requires "
			 "--ulimit memlock=-1:-1 of the container");
	if (!is_stdout)
		cdi_print(cli, flags->output ? flags->output : path, devices);
	return 0;
}

int cmd_cdi(struct cli *cli, int argc, char **argv)
{
	struct cdi_flags flags = {0};
	struct devices devices = {0};
	struct cdi_search search = {cli->ctx, &devices};
	int count = cli_parse(cli, &syntax, &flags, argc, argv);
	int err;

	if (count < 0)
		return count;
	if (flags.output && !strcmp(flags.output, "-") && cli->json)
		return cli_refuse(cli, "cdi",
				  "--output - prints the file itself, which is "
				  "JSON already: leave out --json");
	err = count ? devices_find(cli->ctx, argv + 1, (unsigned int)count,
				   &devices)
		    : devices_each(cli->ctx, cdi_find_bound, &search);
	if (!err)
		err = cmd_cdi_write(cli, &flags, &devices);
	devices_free(&devices);
	return err;
}
