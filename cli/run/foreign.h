/* SPDX-License-Identifier: MIT */
/* QEMU's other options: accepts those that ask for what happens anyway, and
 * gives a reason for refusing the rest. */
#ifndef CLI_RUN_FOREIGN_H
#define CLI_RUN_FOREIGN_H

#include "cli/command.h"
#include "cli/run/refusals.h"

/*
 * Handles -@name, followed by @next (NULL: nothing follows), if it is an option
 * of QEMU that lend run does not have. Sets *@taken to the number of arguments
 * that it takes after its name, 0 or 1.
 *
 * Returns 0 if it is accepted or if its refusal was added; -ENOENT if QEMU has
 * no such option, nothing recorded; or -errno with a record.
 */
int run_foreign(struct run_refusals *refusals, struct cli *cli,
		const char *name, const char *next, int *taken);

#endif
