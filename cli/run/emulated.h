/* SPDX-License-Identifier: MIT */
/* Refuses the emulated devices of QEMU, each with the nearest replacement. */
#ifndef CLI_RUN_EMULATED_H
#define CLI_RUN_EMULATED_H

struct lend_ctx;

/* Returns -EINVAL with a record if the -device string @text is that of an
 * emulated device of QEMU, else 0. */
int run_emulated_check(struct lend_ctx *ctx, const char *text);

#endif
