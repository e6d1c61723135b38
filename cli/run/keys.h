/* SPDX-License-Identifier: MIT */
/* QEMU's options of several properties that `lend run` reads for their values
 * alone: those that ask for what happens anyway are accepted. */
#ifndef CLI_RUN_KEYS_H
#define CLI_RUN_KEYS_H

#include <stdbool.h>

#include "cli/run/refusals.h"

struct lend_ctx;

/* Checks -@option @text: each property is accepted, noted or refused. Returns
 * 0; -ENOENT if this is not such an option; or -errno, after a fault that is no
 * refusal. */
int run_keys_check(struct run_refusals *refusals, struct lend_ctx *ctx,
		   const char *option, const char *text);

/* Whether @value is one of the words in @list, separated by '|'; "PREFIX*" is
 * any that begins with it. */
bool run_keys_is_listed(const char *list, const char *value);

#endif
