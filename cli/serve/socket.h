/* SPDX-License-Identifier: MIT */
/* The socket at which a device is served. */
#ifndef CLI_SERVE_SOCKET_H
#define CLI_SERVE_SOCKET_H

struct control_path;
struct lend_ctx;
struct user_identity;

/*
 * Listen at @text, or, if it is NULL, take the socket that the service manager
 * passed (sd_listen_fds(3)). Returns a descriptor, or a recorded error;
 * control_path_close() is due.
 */
int serve_socket_open(struct lend_ctx *ctx, const char *text,
		      const struct user_identity *identity,
		      struct control_path *path);

#endif
