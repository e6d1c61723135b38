// SPDX-License-Identifier: MIT
// lend bind: takes devices from their host drivers.

#include "devices.h"
#include "modprobe.h"
#include "options.h"

static const struct cli_syntax syntax = {
	.operands = "DEVICE...",
	.about = "Takes each DEVICE from its host driver and binds it to the "
		 "VFIO driver of its\n"
		 "bus, all or none. lend restore gives it back.\n"
		 "\n"
		 "DEVICE is a PCI address (02:00.0), a path in /sys, or a "
		 "platform device's name.",
};

/* A bus whose VFIO driver is not loaded gets it now. */
static int bind_loading(struct cli *cli, const struct devices *devices,
			const struct lend_bind_options *options)
{
	int error = lend_bind(cli->ctx, devices->addresses, devices->count,
			      options);

	if (!error || lend_ctx_error(cli->ctx)->code != LEND_ERROR_NO_VFIO)
		return error;
	if (modprobe_for(cli, devices))
		return error;
	return lend_bind(cli->ctx, devices->addresses, devices->count, options);
}

int cmd_bind(struct cli *cli, int argc, char **argv)
{
	const struct lend_bind_options options = {
		.size = sizeof(options),
		.moved = devices_print_moved,
	};
	struct devices devices;
	int count = cli_parse(cli, &syntax, NULL, argc, argv);
	int error;

	if (count < 0)
		return count;
	if (!count)
		return cli_refuse(cli, argv[0], "no device given");
	error = devices_find(cli->ctx, argv + 1, (unsigned int)count, &devices);
	if (error)
		return error;
	error = bind_loading(cli, &devices, &options);
	devices_free(&devices);
	return error;
}
