// SPDX-License-Identifier: MIT
// A client of the control socket of a run.

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <lend/error.h>

#include "cli/client.h"
#include "cli/json.h"
#include "cli/no-memory.h"

#define PATIENCE      10  /* seconds for a greeting */
#define PATIENCE_LONG 120 /* the same for an answer: devices are reset */
#define TEXT_MAX      (1024 * 1024) /* bytes of a message */
#define PIECE         4096

static int client_refuse(struct client *c, const char *why)
{
	lend_error_set(c->ctx, LEND_ERROR_STATE, EPROTO, NULL, "%s: %s",
		       c->path, why);
	return -EPROTO;
}

static int client_connect(struct client *c)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int err;

	if (strlen(c->path) >= sizeof(address.sun_path))
		return lend_error_set(c->ctx, LEND_ERROR_ARGUMENT, ENAMETOOLONG,
				      NULL, "%s: not the path of a socket",
				      c->path);
	strcpy(address.sun_path, c->path);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (c->fd >= 0 &&
	    !connect(c->fd, (struct sockaddr *)&address, sizeof(address)))
		return 0;
	err = errno;
	lend_error_set(c->ctx,
		       err == EACCES ? LEND_ERROR_PERMISSION
				     : LEND_ERROR_SYSTEM,
		       err, NULL, "%s: connect: %s", c->path, strerror(err));
	if (err == ECONNREFUSED)
		return lend_error_remedy(c->ctx, "the run has ended: remove "
						 "the stale socket");
	if (err == EACCES)
		return lend_error_remedy(c->ctx, "use sudo: the socket belongs "
						 "to the user of the run");
	return -err;
}

/* Returns 1, 0 at the end, or a recorded error. */
static int client_read(struct client *c)
{
	ssize_t got;

	if (c->used + PIECE > c->room) {
		size_t room = c->room ? 2 * c->room : 2 * PIECE;
		char *text = room <= TEXT_MAX ? realloc(c->text, room) : NULL;

		if (!text)
			return client_refuse(c, "a message is too long");
		c->text = text;
		c->room = room;
	}
	do
		got = recv(c->fd, c->text + c->used, PIECE, 0);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		c->used += (size_t)got;
	if (got >= 0)
		return got > 0;
	if (errno != EAGAIN)
		return lend_error_set(c->ctx, LEND_ERROR_SYSTEM, errno, NULL,
				      "%s: recv: %s", c->path, strerror(errno));
	lend_error_set(c->ctx, LEND_ERROR_BUSY, ETIMEDOUT, NULL,
		       "%s: no answer within %d s", c->path,
		       c->is_greeted ? PATIENCE_LONG : PATIENCE);
	if (c->is_greeted)
		return -ETIMEDOUT;
	return lend_error_remedy(c->ctx, "end the other client: a run serves "
					 "one at a time (ss -xp shows it)");
}

/* A message is a line. Returns 1, 0 at the end, or a recorded error. */
static int client_take(struct client *c, struct json_object **message)
{
	char *end;
	int more = 1;

	*message = NULL;
	while (more > 0) {
		end = c->used ? memchr(c->text, '\n', c->used) : NULL;
		if (end)
			break;
		more = client_read(c);
	}
	if (more <= 0)
		return more;
	*end = '\0';
	*message = json_tokener_parse(c->text);
	c->used -= (size_t)(end + 1 - c->text);
	memmove(c->text, end + 1, c->used);
	return *message ? 1 : client_refuse(c, "the answer is no JSON");
}

/* With a descriptor, or -1. */
static ssize_t client_send_text(const struct client *c, const char *text,
				int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} extra = {0};
	struct iovec piece = {(void *)(uintptr_t)text, strlen(text)};
	struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
	struct cmsghdr *part;

	if (fd >= 0) {
		message.msg_control = extra.bytes;
		message.msg_controllen = sizeof(extra.bytes);
		part = CMSG_FIRSTHDR(&message);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(part), &fd, sizeof(int));
	}
	return sendmsg(c->fd, &message, MSG_NOSIGNAL);
}

static int client_send(struct client *c, struct json_object *message, int fd)
{
	const char *text =
		json_object_to_json_string_ext(message, JSON_C_TO_STRING_PLAIN);
	ssize_t sent = client_send_text(c, text, fd);
	int err = errno;

	if (sent == (ssize_t)strlen(text))
		return 0;
	return lend_error_set(c->ctx, LEND_ERROR_SYSTEM, err, NULL,
			      "%s: send: %s", c->path, strerror(err));
}

static int client_report(struct client *c, const struct json_object *error)
{
	return lend_error_set(c->ctx, LEND_ERROR_GUEST, EIO, NULL, "%s: %s",
			      c->path, json_text(error, "desc"));
}

/* Events may come first. */
static int client_await(struct client *c, struct json_object **result)
{
	struct json_object *message, *found;
	int err = 1;

	*result = NULL;
	while (err > 0) {
		err = client_take(c, &message);
		if (err <= 0)
			break;
		found = json_get(message, "return");
		if (found)
			*result = json_object_get(found);
		else if (json_get(message, "error"))
			err = client_report(c, json_get(message, "error"));
		json_object_put(message);
		if (found)
			return 0;
	}
	return err < 0 ? err : client_refuse(c, "the run has ended");
}

static int client_execute(struct client *c, const char *command,
			  struct json_object *arguments, int fd,
			  struct json_object **result)
{
	struct json_object *message = json_object_new_object();
	int err;

	json_object_object_add(message, "execute",
			       json_object_new_string(command));
	if (arguments)
		json_object_object_add(message, "arguments", arguments);
	err = client_send(c, message, fd);
	json_object_put(message);
	return err ? err : client_await(c, result);
}

int client_call(struct client *c, const char *command,
		struct json_object *arguments, struct json_object **result)
{
	return client_execute(c, command, arguments, -1, result);
}

int client_pass(struct client *c, const char *name, int fd)
{
	struct json_object *arguments = json_object_new_object();
	struct json_object *result;
	int err;

	json_object_object_add(arguments, "fdname",
			       json_object_new_string(name));
	err = client_execute(c, "getfd", arguments, fd, &result);
	if (!err)
		json_object_put(result);
	return err;
}

static void client_wait_for(const struct client *c, int seconds)
{
	const struct timeval patience = {.tv_sec = seconds};

	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

static int client_greet(struct client *c)
{
	struct json_object *message;
	int err = client_take(c, &message);

	if (err < 0)
		return err;
	err = err && json_get(message, "QMP")
		      ? 0
		      : client_refuse(c, "not the control socket of a run");
	json_object_put(message);
	c->is_greeted = !err;
	client_wait_for(c, PATIENCE_LONG);
	if (!err)
		err = client_call(c, "qmp_capabilities", NULL, &message);
	if (!err)
		json_object_put(message);
	return err;
}

int client_open(struct client *c, struct lend_ctx *ctx, const char *path)
{
	int err;

	*c = (struct client){.ctx = ctx, .path = path, .fd = -1};
	err = client_connect(c);
	if (err)
		return err;
	client_wait_for(c, PATIENCE);
	return client_greet(c);
}

void client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	free(c->text);
	c->text = NULL;
}

struct json_object *client_receive(struct client *c)
{
	struct json_object *message;

	client_wait_for(c, 0);
	return client_take(c, &message) > 0 ? message : NULL;
}
