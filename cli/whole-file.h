/* SPDX-License-Identifier: MIT */
/* Files that are replaced as a whole, such as those of udev rules. */
#ifndef CLI_WHOLE_FILE_H
#define CLI_WHOLE_FILE_H

#include <stdio.h>

#include "cli/command.h"

/* Writes a file by @write and a rename: the old one stays until the new one is
 * whole. Returns 0, or -errno without a record. */
int whole_file_write(const char *path,
		     void (*write)(FILE *file, const void *opaque),
		     const void *opaque);

/* Locks the directory of a file: two that change the file wait for each other.
 * Returns a descriptor, for close(), or -errno without a record. */
int whole_file_lock(const char *path);

/* What helps where a file cannot be written. */
struct whole_file_advice {
	const char *missing;   /* what makes its directory; NULL: mkdir alone */
	const char *read_only; /* where the file system is */
};

/* Records why a file could not be written; @err is an error number. Returns
 * -errno. */
int whole_file_failed(const struct cli *cli, const char *path, int err,
		      const struct whole_file_advice *advice);

#endif
