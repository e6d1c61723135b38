// SPDX-License-Identifier: MIT
// lend restore: returns devices to their host drivers.

#include "cli/devices.h"
#include "cli/moves.h"
#include "cli/options.h"

static const struct cli_syntax syntax = {
	.operands = "[DEVICE]...",
	.about = "Returns each DEVICE to the driver that it had before lend "
		 "bind. Without DEVICE,\n"
		 "returns every device that lend bind took.",
};

static int cmd_restore_devices(struct cli *cli, const struct devices *devices)
{
	struct moves moves;
	struct lend_bind_options options = {
		.size = sizeof(options),
		.moved = moves_add,
		.opaque = &moves,
	};
	int err;

	moves_begin(&moves, cli);
	err = lend_restore(cli->ctx, devices->addresses, devices->count,
			   &options);
	return moves_end(&moves, err);
}

int cmd_restore(struct cli *cli, int argc, char **argv)
{
	struct devices devices = {0};
	int count = cli_parse(cli, &syntax, NULL, argc, argv);
	int err;

	if (count < 0)
		return count;
	if (count) {
		err = devices_find(cli->ctx, argv + 1, (unsigned int)count,
				   &devices);
		if (err)
			return err;
	}
	err = cmd_restore_devices(cli, &devices);
	devices_free(&devices);
	return err;
}
