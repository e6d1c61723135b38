// SPDX-License-Identifier: MIT
// Listens at a path, or takes the socket of a service manager.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <lend/lend.h>

#include "cli/serve/socket.h"
#include "vmm/control/path.h"

/* As sd_listen_fds() has it. */
#define LISTEN_FIRST 3

static int socket_refuse(struct lend_ctx *ctx, const char *what)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL, "LISTEN_FDS: %s",
		       what);
	return lend_error_remedy(ctx, "use one ListenStream= with the path of "
				      "a Unix socket, and Accept=no");
}

/* Whether a service manager passed sockets to this very process. */
static bool socket_is_passed(void)
{
	const char *pid = getenv("LISTEN_PID");

	return pid && getenv("LISTEN_FDS") && atol(pid) == (long)getpid();
}

static bool socket_has_option(int fd, int option, int expected)
{
	socklen_t size = sizeof(int);
	int value = -1;

	return !getsockopt(fd, SOL_SOCKET, option, &value, &size) &&
	       value == expected;
}

static int socket_take(struct lend_ctx *ctx)
{
	int fd = LISTEN_FIRST;

	if (strcmp(getenv("LISTEN_FDS"), "1"))
		return socket_refuse(ctx, "there is not exactly one socket");
	if (!socket_has_option(fd, SO_DOMAIN, AF_UNIX) ||
	    !socket_has_option(fd, SO_TYPE, SOCK_STREAM) ||
	    !socket_has_option(fd, SO_ACCEPTCONN, 1))
		return socket_refuse(ctx, "descriptor 3 is no Unix stream "
					  "socket that listens");
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) || fcntl(fd, F_SETFL, O_NONBLOCK))
		return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, NULL,
				      "LISTEN_FDS: fcntl: %s", strerror(errno));
	return fd;
}

int serve_socket_open(struct lend_ctx *ctx, const char *text,
		      const struct user_identity *identity,
		      struct control_path *path)
{
	if (text)
		return control_path_listen(path, ctx, text, identity);
	if (socket_is_passed())
		return socket_take(ctx);
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "no socket given");
	return lend_error_remedy(ctx, "use -socket PATH");
}
