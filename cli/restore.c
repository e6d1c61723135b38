// SPDX-License-Identifier: MIT
// lend restore: gives devices back to their host drivers.

#include "devices.h"
#include "options.h"

static const struct cli_syntax syntax = {
	.operands = "[DEVICE]...",
	.about = "Gives each DEVICE back to the driver it had before lend "
		 "bind; all that lend bind\n"
		 "took, where none is given.",
};

int cmd_restore(struct cli *cli, int argc, char **argv)
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
		return lend_restore(cli->ctx, NULL, 0, &options);
	error = devices_find(cli->ctx, argv + 1, (unsigned int)count, &devices);
	if (error)
		return error;
	error = lend_restore(cli->ctx, devices.addresses, devices.count,
			     &options);
	devices_free(&devices);
	return error;
}
