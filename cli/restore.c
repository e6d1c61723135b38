// SPDX-License-Identifier: MIT
// lend restore: returns devices to their host drivers.

#include "cli/devices.h"
#include "cli/moves.h"
#include "cli/options.h"

struct restore_flags {
	bool force;
};

static const struct cli_option options[] = {
	{.name = "force",
	 .help = "remove virtual functions and other dependent devices",
	 .flag = offsetof(struct restore_flags, force)},
};

static const struct cli_syntax syntax = {
	.operands = "[DEVICE]...",
	.about = "Returns each DEVICE to the driver that it had before lend "
		 "bind. Without DEVICE,\n"
		 "returns every device that lend bind took.",
	.options = options,
	.count = sizeof(options) / sizeof(options[0]),
};

static int cmd_restore_devices(struct cli *cli, const struct devices *devices,
			       bool force)
{
	struct moves moves;
	struct lend_bind_options restore_options = {
		.size = sizeof(restore_options),
		.force = force,
		.moved = moves_add,
		.opaque = &moves,
	};
	int err;

	moves_begin(&moves, cli);
	err = lend_restore(cli->ctx, devices->addresses, devices->count,
			   &restore_options);
	return moves_end(&moves, err);
}

int cmd_restore(struct cli *cli, int argc, char **argv)
{
	struct restore_flags flags = {0};
	struct devices devices = {0};
	int count = cli_parse(cli, &syntax, &flags, argc, argv);
	int err;

	if (count < 0)
		return count;
	if (count) {
		err = devices_find(cli->ctx, argv + 1, (unsigned int)count,
				   &devices);
		if (err)
			return err;
	}
	err = cmd_restore_devices(cli, &devices, flags.force);
	devices_free(&devices);
	return err;
}
