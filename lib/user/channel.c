// SPDX-License-Identifier: MIT
// Frames messages on a stream socket, and passes descriptors with them.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/user/channel.h"

#define HEADER sizeof(struct user_header)

union channel_control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(USER_FDS_MAX * sizeof(int))];
};

void channel_open(struct channel *channel, const struct kernel *kernel, int fd)
{
	*channel = (struct channel){
		.kernel = kernel,
		.fd = fd,
	};
}

static void channel_drop_fds(struct channel *channel)
{
	for (unsigned int i = 0; i < channel->fd_count; i++)
		if (channel->fds[i] >= 0)
			channel->kernel->close(channel->kernel,
					       channel->fds[i]);
	channel->fd_count = 0;
}

void channel_close(struct channel *channel)
{
	channel_drop_fds(channel);
	if (channel->fd >= 0)
		channel->kernel->close(channel->kernel, channel->fd);
	free(channel->payload);
	free(channel->out);
	channel_open(channel, channel->kernel, -1);
}

/* Whether @room bytes are there, or could be allocated. */
static bool channel_grow(uint8_t **bytes, size_t *room, size_t size)
{
	uint8_t *larger;

	if (size <= *room)
		return true;
	larger = realloc(*bytes, size);
	if (!larger)
		return false;
	*bytes = larger;
	*room = size;
	return true;
}

/* Keeps the descriptors of one part; more than fit are closed. Returns 0, or
 * -EBADMSG if there were too many. */
static int channel_keep_fds(struct channel *channel, struct msghdr *message)
{
	struct cmsghdr *c;
	int fd, err = message->msg_flags & MSG_CTRUNC ? -EBADMSG : 0;

	for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(fd) <= c->cmsg_len;
		     at += sizeof(fd)) {
			memcpy(&fd, (const char *)c + at, sizeof(fd));
			if (channel->fd_count < USER_FDS_MAX) {
				channel->fds[channel->fd_count++] = fd;
				continue;
			}
			channel->kernel->close(channel->kernel, fd);
			err = -EBADMSG;
		}
	}
	return err;
}

/* Receives up to @size bytes. Returns how many, 0 if there are none yet, or
 * -errno. */
static ssize_t channel_receive_part(struct channel *channel, void *data,
				    size_t size)
{
	union channel_control control;
	struct iovec part = {data, size};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n = channel->kernel->receive(channel->kernel, channel->fd,
					     &message);
	int err;

	if (n == -EAGAIN || n == -EINTR)
		return 0;
	if (n < 0)
		return n;
	err = channel_keep_fds(channel, &message);
	if (err)
		return err;
	return n ? n : -ECONNRESET;
}

/* The header is complete: what follows it, and room for that. */
static int channel_begin_payload(struct channel *channel)
{
	uint32_t size = channel->header.size;

	if (size < HEADER || size - HEADER > USER_PAYLOAD_MAX)
		return -EBADMSG;
	channel->size = size - HEADER;
	return channel_grow(&channel->payload, &channel->room, channel->size)
		       ? 0
		       : -ENOMEM;
}

/* Receives from the header, then from the payload. Returns the bytes, or what
 * channel_receive_part() returns. */
static ssize_t channel_receive_more(struct channel *channel)
{
	size_t have = channel->received;

	if (have < HEADER)
		return channel_receive_part(channel,
					    (char *)&channel->header + have,
					    HEADER - have);
	have -= HEADER;
	return channel_receive_part(channel, channel->payload + have,
				    channel->size - have);
}

int channel_receive(struct channel *channel)
{
	ssize_t n;
	int err;

	if (channel->is_complete) {
		channel_drop_fds(channel);
		channel->received = channel->size = 0;
		channel->is_complete = false;
	}
	while (channel->received < HEADER + channel->size) {
		n = channel_receive_more(channel);
		if (n <= 0)
			return (int)n;
		channel->received += (size_t)n;
		if (channel->received != HEADER)
			continue;
		err = channel_begin_payload(channel);
		if (err)
			return err;
	}
	channel->is_complete = true;
	return 1;
}

bool channel_is_receiving(const struct channel *channel)
{
	return channel->received && !channel->is_complete;
}

int channel_take_fd(struct channel *channel, unsigned int number)
{
	int fd = channel->fds[number];

	channel->fds[number] = -1;
	return fd;
}

void *channel_room(struct channel *channel, size_t size)
{
	if (!channel_grow(&channel->out, &channel->out_room, HEADER + size))
		return NULL;
	return channel->out + HEADER;
}

static void channel_add_fds(struct msghdr *message,
			    union channel_control *control, const int *fds,
			    unsigned int count)
{
	struct cmsghdr *c;

	memset(control, 0, sizeof(*control));
	message->msg_control = control->bytes;
	message->msg_controllen = CMSG_SPACE(count * sizeof(*fds));
	c = CMSG_FIRSTHDR(message);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(*fds));
	memcpy(CMSG_DATA(c), fds, count * sizeof(*fds));
}

int channel_flush(struct channel *channel)
{
	union channel_control control;
	struct msghdr message = {0};
	struct iovec part;
	ssize_t n;

	while (channel_is_sending(channel)) {
		part.iov_base = channel->out + channel->out_sent;
		part.iov_len = channel->out_size - channel->out_sent;
		message = (struct msghdr){.msg_iov = &part, .msg_iovlen = 1};
		if (channel->out_fd_count)
			channel_add_fds(&message, &control, channel->out_fds,
					channel->out_fd_count);
		n = channel->kernel->send(channel->kernel, channel->fd,
					  &message);
		if (n == -EAGAIN || n == -EINTR)
			return 0;
		if (n <= 0)
			return n ? (int)n : -EIO;
		channel->out_sent += (size_t)n;
		channel->out_fd_count = 0;
	}
	channel->out_size = 0;
	return 0;
}

int channel_send_fds(struct channel *channel, const struct user_header *header,
		     size_t size, const int *fds, unsigned int count)
{
	struct user_header sized = *header;

	if (!channel_room(channel, size))
		return -ENOMEM;
	sized.size = (uint32_t)(HEADER + size);
	memcpy(channel->out, &sized, HEADER);
	channel->out_size = HEADER + size;
	channel->out_sent = 0;
	channel->out_fd_count = count;
	if (count)
		memcpy(channel->out_fds, fds, count * sizeof(*fds));
	return channel_flush(channel);
}

int channel_send(struct channel *channel, const struct user_header *header,
		 size_t size, int fd)
{
	return channel_send_fds(channel, header, size, &fd, fd >= 0);
}

bool channel_is_sending(const struct channel *channel)
{
	return channel->out_sent < channel->out_size;
}
