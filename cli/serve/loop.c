// SPDX-License-Identifier: MIT
// Waits for the client, for signals and for the host.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include <lend/lend.h>

#include "cli/serve/loop.h"
#include "vmm/machine/signals.h"

enum {
	LOOP_SIGNAL = LEND_SERVER_POLL,
	LOOP_REQUEST,
	LOOP_FDS,
};

static int loop_end_by_request(struct lend_ctx *ctx, const char *name)
{
	lend_error_set(ctx, LEND_ERROR_DEVICE, ENODEV, name,
		       "the host wants the device back");
	return lend_error_evidence(ctx, "VFIO's request interrupt was "
					"signalled, as by an unbind");
}

/* Returns 0 to go on; else as serve_loop(). */
static int loop_turn(struct lend_ctx *ctx, const char *name,
		     struct lend_server *server, struct pollfd fds[LOOP_FDS],
		     const struct signals *signals)
{
	int timeout, number;

	lend_server_poll(server, fds, &timeout);
	if (poll(fds, LOOP_FDS, timeout) < 0 && errno != EINTR)
		return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, name,
				      "poll: %s", strerror(errno));
	if (fds[LOOP_REQUEST].revents)
		return loop_end_by_request(ctx, name);
	number = fds[LOOP_SIGNAL].revents ? signals_read(signals) : 0;
	if (number && number != SIGCONT)
		return number;
	return lend_server_handle(server, fds);
}

int serve_loop(struct lend_ctx *ctx, const char *name,
	       struct lend_export *export, const struct signals *signals)
{
	struct lend_server *server = lend_export_server(export);
	struct pollfd fds[LOOP_FDS] = {
		[LOOP_SIGNAL] = {.fd = signals->fd, .events = POLLIN},
		[LOOP_REQUEST] = {.fd = lend_export_request_fd(export),
				  .events = POLLIN},
	};
	int end = 0;

	while (!end) {
		for (unsigned int i = 0; i < LOOP_FDS; i++)
			fds[i].revents = 0;
		end = loop_turn(ctx, name, server, fds, signals);
	}
	return end;
}
