/* SPDX-License-Identifier: MIT */
/* QEMU's properties of a -device that `lend run` does not have. */
#ifndef CLI_RUN_PROPERTIES_H
#define CLI_RUN_PROPERTIES_H

#include <stddef.h>

struct lend_ctx;
struct lend_spec;

/*
 * Checks that each property given is one of the @count in @supported, or can be
 * ignored. Returns 0, or -EINVAL with a record.
 */
int run_properties_check(struct lend_ctx *ctx, const struct lend_spec *spec,
			 const char *const *supported, size_t count);

/* Warns of properties of the device @name that are ignored. */
void run_properties_warn(struct lend_ctx *ctx, const struct lend_spec *spec,
			 const char *name);

#endif
