// SPDX-License-Identifier: MIT
// Waits for the client, for signals, and for what else a device waits for.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include <lend/lend.h>

#include "cli/serve/loop.h"
#include "vmm/machine/signals.h"

enum {
	LOOP_SIGNAL = LEND_SERVER_POLL,
	LOOP_WATCH,
	LOOP_FDS,
};

/* Returns 0 to go on; else as serve_loop(). */
static int loop_turn(struct lend_ctx *ctx, const char *name,
		     struct lend_server *server,
		     const struct serve_watch *watch,
		     const struct signals *signals)
{
	struct pollfd fds[LOOP_FDS] = {
		[LOOP_SIGNAL] = {.fd = signals->fd, .events = POLLIN},
		[LOOP_WATCH] = {.fd = watch->fd(watch->opaque),
				.events = POLLIN},
	};
	int timeout, number, err = 0;

	lend_server_poll(server, fds, &timeout);
	if (poll(fds, LOOP_FDS, timeout) < 0 && errno != EINTR)
		return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, name,
				      "poll: %s", strerror(errno));
	if (fds[LOOP_WATCH].revents)
		err = watch->ready(watch->opaque);
	if (err)
		return err;
	number = fds[LOOP_SIGNAL].revents ? signals_read(signals) : 0;
	if (number && number != SIGCONT)
		return number;
	return lend_server_handle(server, fds);
}

int serve_loop(struct lend_ctx *ctx, const char *name,
	       struct lend_server *server, const struct serve_watch *watch,
	       const struct signals *signals)
{
	int end = 0;

	while (!end)
		end = loop_turn(ctx, name, server, watch, signals);
	return end;
}
