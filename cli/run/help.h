/* SPDX-License-Identifier: MIT */
/* Lists what an option of `lend run` takes, for the value "help". */
#ifndef CLI_RUN_HELP_H
#define CLI_RUN_HELP_H

#include "cli/command.h"

/*
 * If the value of -@option asks for a list, as "help", "?", or for -device
 * "DRIVER,help", prints it, sets cli->help_shown and returns -ECANCELED.
 * Returns 0 for any other value, and for an option without a list.
 */
int run_help(struct cli *cli, const char *option, const char *value);

#endif
