/* SPDX-License-Identifier: MIT */
/* Parses -sandbox. */
#ifndef CLI_RUN_SANDBOX_H
#define CLI_RUN_SANDBOX_H

struct lend_ctx;
struct sandbox_options;

/* QEMU's value: on or off, and its exceptions, which are not required. Returns
 * 0, or -errno with a record. */
int run_sandbox_parse(struct lend_ctx *ctx, const char *text,
		      struct sandbox_options *options);

#endif
