/* SPDX-License-Identifier: MIT */
/* Programs of the system that commands need. */
#ifndef CLI_PROGRAM_H
#define CLI_PROGRAM_H

#include "cli/command.h"

/* Runs the program at path and waits for it. Returns 0 where its exit status
 * is, -ENOENT where it is not, or another -errno; told with -v. The context's
 * record stays as it is. */
int program_run(struct cli *cli, const char *path, const char *const *argv);

#endif
