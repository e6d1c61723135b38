/* SPDX-License-Identifier: MIT */
/* Replaces a file, such as one of udev rules, as a whole. */
#ifndef CLI_RULES_FILE_H
#define CLI_RULES_FILE_H

#include <stdio.h>

#include "cli/command.h"

/* Writes a file by @write and a rename: the old rules stay until the new ones
 * are whole. Returns 0, or -errno without a record. */
int rules_file_write(const char *path,
		     void (*write)(FILE *file, const void *opaque),
		     const void *opaque);

/* Records why a file could not be written; @err is an error number, and
 * @read_only the remedy where the file system is. Returns -errno. */
int rules_file_failed(const struct cli *cli, const char *path, int err,
		      const char *read_only);

#endif
