/* SPDX-License-Identifier: MIT */
/* Serves a device until a signal or the device ends that. */
#ifndef CLI_SERVE_LOOP_H
#define CLI_SERVE_LOOP_H

struct lend_ctx;
struct lend_server;
struct signals;

/* One more descriptor that a device waits for. */
struct serve_watch {
	int (*fd)(void *opaque); /* asked before each wait; -1: none */
	/* It is readable. Returns 0, or a recorded error that ends the loop. */
	int (*ready)(void *opaque);
	void *opaque;
};

/* Returns the number of the signal that ended it, or a recorded error. */
int serve_loop(struct lend_ctx *ctx, const char *name,
	       struct lend_server *server, const struct serve_watch *watch,
	       const struct signals *signals);

#endif
