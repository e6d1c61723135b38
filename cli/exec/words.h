/* SPDX-License-Identifier: MIT */
/* The words of a command, in which placeholders stand for descriptors. */
#ifndef CLI_EXEC_WORDS_H
#define CLI_EXEC_WORDS_H

#include "cli/devices.h"

/* {iommufd} is number 0, and {fd:N} number N + 1. */

/* Checks that the placeholders of a command stand for @devices, and that each
 * descriptor is named. Returns 0, or -EINVAL with a record. */
int exec_words_check(struct lend_ctx *ctx, char *const *command,
		     const struct devices *devices, bool all);

/* Replaces the placeholders of a checked command by the numbers of @fds.
 * Returns an array that ends with NULL, for exec_words_free(); or NULL with a
 * record. */
char **exec_words_fill(struct lend_ctx *ctx, char *const *command,
		       const int *fds);

void exec_words_free(char **words);

#endif
