// SPDX-License-Identifier: MIT
// Serves a control socket of a machine of the test at a path, until it is sent
// quit.
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <lend/context.h>

#include "link.h"

int main(int argc, char **argv)
{
	struct pollfd fds[CONTROL_POLLED];
	static struct link t;

	if (argc != 2 || lend_ctx_new(NULL, &t.ctx))
		return 2;
	snprintf(t.path, sizeof(t.path), "%s", argv[1]);
	warnings_init(&t.warnings);
	control_init(&t.control);
	if (link_listen(&t))
		return 1;
	puts("ready");
	fflush(stdout);
	while (!t.quits) {
		control_poll(&t.control, fds);
		poll(fds, CONTROL_POLLED, -1);
		control_turn(&t.control, fds);
	}
	control_close(&t.control);
	warnings_destroy(&t.warnings);
	lend_ctx_unref(t.ctx);
	return 0;
}
