// SPDX-License-Identifier: MIT
// lend run, where lend has no machine for the processor it was built for.

#include <errno.h>

#include "cli/command.h"

int cmd_run(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lend_error_set(
		cli->ctx, LEND_ERROR_SYSTEM, ENOSYS, NULL,
		"lend run is unsupported on this processor architecture");
}
