// SPDX-License-Identifier: MIT
// lend dt: prints the device-tree node by which a guest finds a platform
// device.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>

#include "cli/devices.h"
#include "cli/dt-guest.h"
#include "cli/dt-options.h"
#include "cli/dt-source.h"
#include "cli/json.h"
#include "cli/no-memory.h"

#define TREE_MIN (16u << 10)
#define TREE_MAX (8u << 20)

struct dt {
	struct dt_options options;
	const char *front_end; /* of a -device string, or NULL */
	struct lend_platform *platform;
	bool opened;
};

static int set_drop(struct cli *cli, void *opaque, const char *value)
{
	struct dt *dt = opaque;

	return dt_options_drop(&dt->options, cli->ctx, value);
}

static int set_number(struct cli *cli, void *opaque, const char *value)
{
	struct dt *dt = opaque;

	return dt_options_number(&dt->options, cli->ctx, value);
}

static int set_overlay(struct cli *cli, void *opaque, const char *value)
{
	struct dt *dt = opaque;

	return dt_options_overlay(&dt->options, cli->ctx, value);
}

static const struct cli_option options[] = {
	{.name = "dt-drop",
	 .argument = "NAME",
	 .help = "omit these properties and children, separated by ':'",
	 .set = set_drop},
	{.name = "dt-number",
	 .argument = "NAME",
	 .help = "copy these properties, which hold numbers, as they are",
	 .set = set_number},
	{.name = "dt-overlay",
	 .argument = "FILE",
	 .help = "apply a compiled overlay that refers to &device",
	 .set = set_overlay},
	{.name = "dt-keep-address",
	 .help = "keep the regions at the host's addresses",
	 .flag = offsetof(struct dt, options.keep_address)},
};

static const struct cli_syntax syntax = {
	.operands = "DEVICE",
	.about = "Prints, as source, the device-tree node that a guest of lend "
		 "run gets for the\n"
		 "platform device DEVICE, and the nodes that it refers to. The "
		 "device is opened\n"
		 "only if the host's device tree is incomplete.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

static bool is_spec(const char *text)
{
	return !strncmp(text, "vfio-", strlen("vfio-")) && strchr(text, ',');
}

static int take_spec(struct dt *dt, struct cli *cli, const char *text,
		     struct lend_spec **spec)
{
	int err = lend_spec_parse(cli->ctx, text, spec);

	if (err)
		return err;
	dt->front_end = lend_spec_driver(*spec);
	return dt_options_take(&dt->options, cli->ctx, *spec);
}

/* Whether the host's tree has all that the node needs. */
static bool is_enough(const struct lend_platform *platform)
{
	for (unsigned int i = 0; i < lend_platform_irq_count(platform); i++)
		if (lend_platform_irq(platform, i)->trigger ==
		    LEND_TRIGGER_UNKNOWN)
			return false;
	return true;
}

static int cmd_dt_open_device(struct dt *dt, struct cli *cli,
			      struct lend_address *address)
{
	struct lend_iommu *iommu = NULL;
	struct lend_device *device = NULL;
	int err;

	lend_log(cli->ctx, LEND_LOG_INFO,
		 "%s: opened, because the host's device tree does not describe "
		 "its interrupts",
		 lend_address_name(address));
	err = lend_iommu_new(cli->ctx, NULL, &iommu);
	if (!err)
		err = lend_device_open(iommu, address, NULL, &device);
	if (err)
		lend_error_evidence(cli->ctx,
				    "opened, because the host's device tree "
				    "does not describe its interrupts");
	else
		err = lend_platform_new(address, device, &dt->platform);
	lend_device_unref(device);
	lend_iommu_unref(iommu);
	dt->opened = !err;
	return err;
}

static int look_up(struct dt *dt, struct cli *cli, struct lend_address *address)
{
	int err;

	if (lend_address_bus(address) == LEND_BUS_PCI ||
	    lend_address_bus(address) == LEND_BUS_MDEV) {
		lend_error_set(cli->ctx, LEND_ERROR_WRONG_TYPE, EINVAL,
			       lend_address_name(address),
			       "this is not a platform device");
		return lend_error_remedy(
			cli->ctx,
			"no node is needed: a guest finds it on its bus");
	}
	err = lend_platform_new(address, NULL, &dt->platform);
	if (!err && is_enough(dt->platform))
		return 0;
	if (err && err != -EBADMSG)
		return err;
	lend_platform_free(dt->platform);
	dt->platform = NULL;
	return cmd_dt_open_device(dt, cli, address);
}

static int make_root(void *fdt, uint32_t size)
{
	int err = fdt_create_empty_tree(fdt, (int)size);

	if (!err)
		err = fdt_setprop_u32(fdt, 0, "#size-cells", 2);
	if (!err)
		err = fdt_setprop_u32(fdt, 0, "#address-cells", 2);
	return err ? -ENOSPC : 0;
}

static int write_tree(const struct dt *dt, struct cli *cli,
		      const struct lend_platform_place *place, void **fdt)
{
	int err = -ENOSPC;

	for (uint32_t size = TREE_MIN; err == -ENOSPC && size <= TREE_MAX;
	     size *= 2) {
		free(*fdt);
		*fdt = malloc(size);
		err = *fdt ? make_root(*fdt, size) : cli_no_memory(cli->ctx);
		if (!err)
			err = lend_platform_write(dt->platform, place, *fdt, 0);
	}
	return err == -ENOSPC ? cli_no_memory(cli->ctx) : err;
}

/* Writes the node as a guest with no other device has it. */
static int cmd_dt_make_tree(const struct dt *dt, struct cli *cli, void **fdt)
{
	unsigned int irqs = lend_platform_irq_count(dt->platform);
	uint64_t *addresses =
		calloc(lend_platform_region_count(dt->platform) + 1UL,
		       sizeof(*addresses));
	uint32_t *spis = calloc(irqs + 1UL, sizeof(*spis));
	const struct lend_platform_place place = {
		.size = sizeof(place),
		.addresses = addresses,
		.spis = spis,
	};
	uint64_t end;
	int err = addresses && spis ? 0 : cli_no_memory(cli->ctx);

	if (!err)
		err = lend_platform_arrange(dt->platform, DT_GUEST_ADDRESS,
					    addresses, &end);
	for (unsigned int i = 0; !err && i < irqs; i++)
		spis[i] = DT_GUEST_SPI + i;
	if (!err)
		err = write_tree(dt, cli, &place, fdt);
	free(spis);
	free(addresses);
	return err;
}

static int print_json(const struct dt *dt, struct cli *cli,
		      const struct lend_address *address, const void *fdt)
{
	struct json_object *document;
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);
	int err;

	if (!file)
		return cli_no_memory(cli->ctx);
	err = dt_source_print(file, fdt);
	fclose(file);
	if (!err) {
		document = json_new_document();
		json_add_text(document, "device", lend_address_name(address));
		json_add_text(document, "binding",
			      lend_platform_binding(dt->platform));
		json_add_bool(document, "opened", dt->opened);
		/* Line breaks stay; all else in it is printable. */
		json_add(document, "source", json_object_new_string(text));
		json_print(document);
	}
	free(text);
	return err;
}

static int cmd_dt_print(struct dt *dt, struct cli *cli,
			struct lend_address *address)
{
	const struct lend_platform_options wanted =
		dt_options_platform(&dt->options, dt->front_end);
	void *fdt = NULL;
	int err = look_up(dt, cli, address);

	if (!err)
		err = lend_platform_prepare(dt->platform, &wanted);
	if (!err)
		err = cmd_dt_make_tree(dt, cli, &fdt);
	if (!err)
		err = cli->json ? print_json(dt, cli, address, fdt)
				: dt_source_print(stdout, fdt);
	free(fdt);
	return err;
}

static int cmd_dt_run(struct dt *dt, struct cli *cli, const char *text)
{
	struct lend_address *address = NULL;
	struct lend_spec *spec = NULL;
	int err = is_spec(text) ? take_spec(dt, cli, text, &spec) : 0;

	if (!err)
		err = spec ? lend_spec_locate(spec, &address)
			   : lend_address_find(cli->ctx, text, &address);
	if (!err)
		err = cmd_dt_print(dt, cli, address);
	lend_address_unref(address);
	lend_spec_unref(spec);
	return err;
}

int cmd_dt(struct cli *cli, int argc, char **argv)
{
	struct dt dt = {0};
	int count = cli_parse(cli, &syntax, &dt, argc, argv);
	int err = count < 0 ? count : 0;

	if (!err && count != 1)
		err = cli_refuse(cli, "dt", "exactly one DEVICE is required");
	if (!err)
		err = cmd_dt_run(&dt, cli, argv[1]);
	lend_platform_free(dt.platform);
	dt_options_free(&dt.options);
	return err;
}
