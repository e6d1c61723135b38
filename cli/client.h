/* SPDX-License-Identifier: MIT */
/* A client of the control socket of a run. */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;
struct lend_ctx;

struct client {
	struct lend_ctx *ctx;
	const char *path; /* borrowed */
	int fd;           /* or -1 */
	bool is_greeted;  /* it serves this client */
	char *text;       /* received, and not taken yet */
	size_t used, room;
};

/* Connect to the socket at @path, and negotiate. Returns 0, or a recorded
 * error; client_close() is due. */
int client_open(struct client *client, struct lend_ctx *ctx, const char *path);
void client_close(struct client *client);

/*
 * Send a command, with @arguments, which this releases, or NULL, and wait for
 * the answer. @result gets what the run returned, which json_object_put()
 * releases. Returns 0, or a recorded error.
 */
int client_call(struct client *client, const char *command,
		struct json_object *arguments, struct json_object **result);

/* Pass in @fd, which stays open here, under @name. Returns 0, or a recorded
 * error. */
int client_pass(struct client *client, const char *name, int fd);

/* Wait for a message, for ever. Returns NULL at the end of the run, or a
 * message, which json_object_put() releases. */
struct json_object *client_receive(struct client *client);

#endif
