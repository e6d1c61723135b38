/* SPDX-License-Identifier: MIT */
/* QEMU's other options: which are granted anyway, and why others are not. */
#ifndef CLI_RUN_FOREIGN_H
#define CLI_RUN_FOREIGN_H

#include "cli/command.h"

/*
 * Deal with -@name, followed by @next (NULL: nothing follows), where it is an
 * option of QEMU's that lend run has no use for.
 *
 * Returns the number of arguments it takes after its name (0 or 1) where it
 * asks for what lend run does anyway; -ENOENT where QEMU has no such option,
 * nothing recorded; or -EINVAL with the reason recorded.
 */
int run_foreign(struct cli *cli, const char *name, const char *next);

#endif
