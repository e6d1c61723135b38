/* SPDX-License-Identifier: MIT */
/* One -device string of `lend run` with a platform device: how the machine is
 * to present it. */
#ifndef CLI_RUN_PLATFORM_H
#define CLI_RUN_PLATFORM_H

#include <stdbool.h>

#include "cli/dt-options.h"
#include "vmm/assign/platform.h"

struct lend_ctx;
struct lend_spec;

struct run_platform {
	struct assign_platform_config config;
	struct dt_options options; /* what config.node borrows */
	char *front_end;           /* likewise */
};

/* Whether a -device string is one of these. */
bool run_platform_is_meant(const struct lend_spec *spec);

/*
 * Fill in what @spec tells, but for which device it is. Returns 0, or -errno
 * with a record; run_platform_free() is due either way.
 */
int run_platform_configure(struct run_platform *platform, struct lend_ctx *ctx,
			   const struct lend_spec *spec);
void run_platform_free(struct run_platform *platform);

#endif
