// SPDX-License-Identifier: MIT
// lend run, lend exec, lend serve and lend disk on a processor architecture
// without a machine.

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

int cmd_exec(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lend_error_set(
		cli->ctx, LEND_ERROR_SYSTEM, ENOSYS, NULL,
		"lend exec is unsupported on this processor architecture");
}

int cmd_serve(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lend_error_set(
		cli->ctx, LEND_ERROR_SYSTEM, ENOSYS, NULL,
		"lend serve is unsupported on this processor architecture");
}

int cmd_disk(struct cli *cli, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return lend_error_set(
		cli->ctx, LEND_ERROR_SYSTEM, ENOSYS, NULL,
		"lend disk is unsupported on this processor architecture");
}
