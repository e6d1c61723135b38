// SPDX-License-Identifier: MIT
// Requests to a server, each with its reply within a deadline, and the server's
// own requests in between.

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/remote/remote.h"

/* Of the server's requests that are answered in one turn of a program's loop.
 */
#define TURN 64

/* The largest number of an error; the kernel's. */
#define ERRNO_MAX 4095

static int remote_wait(struct remote *remote, short events, uint64_t deadline)
{
	const struct kernel *k = remote->kernel;
	struct pollfd fd = {.fd = remote->channel.fd, .events = events};
	uint64_t now = clock_now();
	int n;

	if (now >= deadline)
		return -ETIMEDOUT;
	n = k->poll(k, &fd, 1, (int)(deadline - now));
	return n < 0 && n != -EINTR ? n : 0;
}

/* Sends all of what was begun. */
static int remote_flush(struct remote *remote, uint64_t deadline)
{
	int err = 0;

	while (!err && channel_is_sending(&remote->channel)) {
		err = remote_wait(remote, POLLOUT, deadline);
		if (!err)
			err = channel_flush(&remote->channel);
	}
	return err;
}

static int remote_send(struct remote *remote, const struct remote_call *call,
		       uint64_t deadline)
{
	const struct user_header header = {
		.id = remote->id,
		.command = call->command,
		.flags = USER_COMMAND | (call->is_posted ? USER_NO_REPLY : 0),
	};
	uint8_t *room = channel_room(&remote->channel,
				     call->head_size + call->data_size);
	int err;

	if (!room)
		return -ENOMEM;
	if (call->head_size)
		memcpy(room, call->head, call->head_size);
	if (call->data_size)
		memcpy(room + call->head_size, call->data, call->data_size);
	err = channel_send_fds(&remote->channel, &header,
			       call->head_size + call->data_size, call->fds,
			       call->fd_count);
	return err ? err : remote_flush(remote, deadline);
}

/* A message has arrived. Returns 1 if it is the reply to @command, 0 if it was
 * another and is done with, or -errno. */
static int remote_take(struct remote *remote, uint16_t command,
		       uint64_t deadline)
{
	const struct user_header *header = &remote->channel.header;
	int err;

	if ((header->flags & USER_TYPE_MASK) == USER_COMMAND) {
		err = remote_answer(remote);
		return err ? err : remote_flush(remote, deadline);
	}
	if ((header->flags & USER_TYPE_MASK) == USER_REPLY && command &&
	    header->command == command && header->id == remote->id)
		return 1;
	remote->fault = "it sent a reply to nothing";
	return -EBADMSG;
}

/* The deadline holds for a server too that sends requests without end. */
static int remote_await(struct remote *remote, uint16_t command,
			uint64_t deadline)
{
	int err = 0;

	while (!err && clock_now() < deadline) {
		err = channel_receive(&remote->channel);
		if (err > 0)
			err = remote_take(remote, command, deadline);
		else if (!err)
			err = remote_wait(remote, POLLIN, deadline);
	}
	if (!err)
		return -ETIMEDOUT;
	return err < 0 ? err : 0;
}

/* The server may still use the socket; nobody reads what it sends. */
static int remote_die(struct remote *remote, int err)
{
	static const uint64_t one = 1;
	const struct kernel *k = remote->kernel;

	remote->death = err;
	k->shutdown(k, remote->channel.fd);
	if (!remote->is_open)
		return -ENODEV;
	lend_log(remote->ctx, LEND_LOG_WARNING,
		 "%s: the device is lost: its server %s", remote->name,
		 remote_loss(remote));
	if (remote->error_fd >= 0)
		k->write(k, remote->error_fd, &one, sizeof(one));
	return -ENODEV;
}

int remote_refuse_reply(struct remote *remote, const char *fault)
{
	remote->fault = fault;
	return remote_die(remote, -EBADMSG);
}

/* The error of a reply that has nothing else. */
static int remote_reply_error(const struct remote *remote)
{
	const struct user_header *header = &remote->channel.header;

	if (!(header->flags & USER_ERROR))
		return 0;
	return header->err && header->err <= ERRNO_MAX ? -(int)header->err
						       : -EIO;
}

int remote_call(struct remote *remote, const struct remote_call *call)
{
	uint64_t deadline = clock_now() + remote->patience + call->more;
	int err;

	if (remote->death)
		return -ENODEV;
	remote->id++;
	err = remote_send(remote, call, deadline);
	if (err == -ENOMEM)
		return err;
	if (!err && !call->is_posted)
		err = remote_await(remote, call->command, deadline);
	if (err)
		return remote_die(remote, err);
	return call->is_posted ? 0 : remote_reply_error(remote);
}

/* Whether a request of the server was received already. A reply stays until it
 * is compared with what was asked. */
static bool remote_has_request(const struct remote *remote)
{
	struct user_header next;

	return channel_has_message(&remote->channel, &next) &&
	       (next.flags & USER_TYPE_MASK) == USER_COMMAND;
}

static int remote_serve_locked(struct remote *remote)
{
	uint64_t deadline = clock_now() + remote->patience;
	int err = 0;

	if (remote->death)
		return remote->death;
	channel_readable(&remote->channel);
	for (unsigned int i = 0; i < TURN || remote_has_request(remote); i++) {
		err = channel_receive(&remote->channel);
		if (err <= 0)
			break;
		err = remote_take(remote, 0, deadline);
		if (err)
			break;
	}
	if (err < 0)
		remote_die(remote, err);
	return remote->death;
}

void remote_unlock(struct remote *remote)
{
	if (!remote->death && remote_has_request(remote))
		remote_serve_locked(remote);
	pthread_mutex_unlock(&remote->lock);
}

/* Whoever has the lock waits for a reply, and reads what comes before it. */
int remote_serve(struct remote *remote)
{
	int err;

	if (pthread_mutex_trylock(&remote->lock))
		return 0;
	err = remote_serve_locked(remote);
	remote_unlock(remote);
	return err;
}
