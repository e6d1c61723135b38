/* SPDX-License-Identifier: MIT */
/* Serves a device until a signal or the host ends that. */
#ifndef CLI_SERVE_LOOP_H
#define CLI_SERVE_LOOP_H

struct lend_ctx;
struct lend_export;
struct signals;

/* Returns the number of the signal that ended it, or a recorded error. */
int serve_loop(struct lend_ctx *ctx, const char *name,
	       struct lend_export *export, const struct signals *signals);

#endif
