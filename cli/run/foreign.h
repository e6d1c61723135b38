/* SPDX-License-Identifier: MIT */
/* QEMU's other options: accepts those that ask for what happens anyway, and
 * gives a reason for refusing the rest. */
#ifndef CLI_RUN_FOREIGN_H
#define CLI_RUN_FOREIGN_H

#include "cli/command.h"

/*
 * Handles -@name, followed by @next (NULL: nothing follows), if it is an option
 * of QEMU that lend run does not have.
 *
 * Returns the number of arguments that it takes after its name (0 or 1) if it
 * asks for what lend run does anyway; -ENOENT if QEMU has no such option,
 * nothing recorded; or -EINVAL with the reason recorded.
 */
int run_foreign(struct cli *cli, const char *name, const char *next);

#endif
