/* SPDX-License-Identifier: MIT */
/* Configures a platform device of `lend run` from its -device string. */
#ifndef CLI_RUN_PLATFORM_H
#define CLI_RUN_PLATFORM_H

#include <stdbool.h>

#include "cli/dt-options.h"
#include "vmm/assign/platform.h"

struct lend_ctx;
struct lend_spec;

struct run_platform {
	struct assign_platform_config config;
	struct dt_options options; /* config.node borrows from it */
	char *front_end;           /* the same */
};

/* Whether a -device string is for a platform device. */
bool run_platform_is_meant(const struct lend_spec *spec);

/*
 * Sets all of @platform but the device itself from @spec. Returns 0, or -errno
 * with a record; the caller must call run_platform_free() in any case.
 */
int run_platform_configure(struct run_platform *platform, struct lend_ctx *ctx,
			   const struct lend_spec *spec);
void run_platform_free(struct run_platform *platform);

#endif
