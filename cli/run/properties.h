/* SPDX-License-Identifier: MIT */
/* QEMU's properties of a -device that `lend run` has no use for. */
#ifndef CLI_RUN_PROPERTIES_H
#define CLI_RUN_PROPERTIES_H

#include <stddef.h>

struct lend_ctx;
struct lend_spec;

/*
 * See that each property given is one of the @heeded, @count of them, or can be
 * done without. Returns 0, or -EINVAL with a record.
 */
int run_properties_check(struct lend_ctx *ctx, const struct lend_spec *spec,
			 const char *const *heeded, size_t count);

/* Warn of what was given for the device @name and changes nothing. */
void run_properties_warn(struct lend_ctx *ctx, const struct lend_spec *spec,
			 const char *name);

#endif
