/* SPDX-License-Identifier: MIT */
/* Runs programs of the system that commands need. */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "cli/command.h"

/* Runs the program at path and waits for it. Returns 0 if it exits with 0,
 * -ENOENT if not, or another -errno; -v shows why. The context's record does
 * not change. */
int program_run(struct cli *cli, const char *path, const char *const *argv);

#endif
