// SPDX-License-Identifier: MIT
// Frames messages on a stream socket, and passes descriptors with them.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/user/channel.h"

#define HEADER sizeof(struct user_header)
/* Bytes to receive at once: several messages, but for those with much data. */
#define ROOM 4096u

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

static void channel_drop(struct channel *channel, int *fds, unsigned int *count)
{
	for (unsigned int i = 0; i < *count; i++)
		if (fds[i] >= 0)
			channel->kernel->close(channel->kernel, fds[i]);
	*count = 0;
}

void channel_close(struct channel *channel)
{
	channel_drop(channel, channel->fds, &channel->fd_count);
	channel_drop(channel, channel->late, &channel->late_count);
	if (channel->fd >= 0)
		channel->kernel->close(channel->kernel, channel->fd);
	free(channel->in);
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

/* Adds descriptors to a list; more than fit are closed. Returns 0, or -EBADMSG
 * if there were too many. */
static int channel_keep(struct channel *channel, int *list, unsigned int *count,
			const void *fds, size_t size)
{
	int fd, err = 0;

	for (size_t at = 0; at + sizeof(fd) <= size; at += sizeof(fd)) {
		memcpy(&fd, (const char *)fds + at, sizeof(fd));
		if (*count < USER_FDS_MAX) {
			list[(*count)++] = fd;
			continue;
		}
		channel->kernel->close(channel->kernel, fd);
		err = -EBADMSG;
	}
	return err;
}

/*
 * The kernel ends a receive with the bytes of the send that had descriptors, so
 * that these belong to the message of the last byte. There are none of an
 * earlier receive: the message that those were of is the current one.
 */
static int channel_keep_late(struct channel *channel, struct msghdr *message)
{
	struct cmsghdr *c;
	int err = message->msg_flags & MSG_CTRUNC ? -EBADMSG : 0;

	for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
		    c->cmsg_len < CMSG_LEN(0))
			continue;
		if (channel_keep(channel, channel->late, &channel->late_count,
				 CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0)))
			err = -EBADMSG;
	}
	channel->late_at = channel->in_end - 1;
	return err;
}

/* Room for the rest of a message of @size bytes, and of those behind it. */
static bool channel_make_room(struct channel *channel, size_t size)
{
	size_t have = channel->in_end - channel->in_start;

	if (have && channel->in_start)
		memmove(channel->in, channel->in + channel->in_start, have);
	channel->in_start = 0;
	channel->in_end = have;
	return channel_grow(&channel->in, &channel->in_room,
			    size > ROOM ? size : ROOM);
}

/* Receives what there is room for. Returns the bytes, 0 if there are none yet,
 * or -errno. */
static ssize_t channel_receive_part(struct channel *channel)
{
	union channel_control control;
	struct iovec part = {
		channel->in + channel->in_end,
		channel->in_room - channel->in_end,
	};
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
	channel->in_end += (size_t)n;
	err = channel_keep_late(channel, &message);
	if (err)
		return err;
	channel->is_drained = (size_t)n < part.iov_len && !channel->late_count;
	return n ? n : -ECONNRESET;
}

static bool channel_size_is_valid(uint32_t size)
{
	return size >= HEADER && size - HEADER <= USER_PAYLOAD_MAX;
}

/* Reads the header, once it is there. Returns the size of the message as far as
 * that is known, or -EBADMSG. */
static ssize_t channel_parse(struct channel *channel)
{
	if (channel->in_end - channel->in_start < HEADER)
		return HEADER;
	memcpy(&channel->header, channel->in + channel->in_start, HEADER);
	return channel_size_is_valid(channel->header.size)
		       ? (ssize_t)channel->header.size
		       : -EBADMSG;
}

/* Takes the descriptors that arrived last, if they belong to this message of
 * @size bytes. */
static int channel_claim(struct channel *channel, size_t size)
{
	int err;

	if (!channel->late_count ||
	    channel->late_at >= channel->in_start + size)
		return 0;
	err = channel_keep(channel, channel->fds, &channel->fd_count,
			   channel->late, channel->late_count * sizeof(int));
	channel->late_count = 0;
	return err;
}

/* The message of @size bytes is there. */
static void channel_complete(struct channel *channel, size_t size)
{
	channel->payload = channel->in + channel->in_start + HEADER;
	channel->size = size - HEADER;
	channel->is_complete = true;
}

static void channel_next(struct channel *channel)
{
	channel_drop(channel, channel->fds, &channel->fd_count);
	channel->in_start += HEADER + channel->size;
	channel->size = 0;
	channel->is_complete = false;
}

int channel_receive(struct channel *channel)
{
	ssize_t size, n;
	int err;

	if (channel->is_complete)
		channel_next(channel);
	for (;;) {
		size = channel_parse(channel);
		if (size < 0)
			return (int)size;
		err = channel_claim(channel, (size_t)size);
		if (err)
			return err;
		if (channel->in_end - channel->in_start >= (size_t)size) {
			channel_complete(channel, (size_t)size);
			return 1;
		}
		if (channel->is_drained)
			break;
		if (!channel_make_room(channel, (size_t)size))
			return -ENOMEM;
		n = channel_receive_part(channel);
		if (n <= 0)
			return (int)n;
	}
	channel->is_drained = false;
	return 0;
}

void channel_readable(struct channel *channel)
{
	channel->is_drained = false;
}

/* Bytes behind the message that was received last. */
static size_t channel_behind(const struct channel *channel)
{
	return channel->in_end - channel->in_start -
	       (channel->is_complete ? HEADER + channel->size : 0);
}

bool channel_is_receiving(const struct channel *channel)
{
	return channel_behind(channel);
}

bool channel_has_message(const struct channel *channel,
			 struct user_header *header)
{
	size_t behind = channel_behind(channel);

	if (behind < HEADER)
		return false;
	memcpy(header, channel->in + channel->in_end - behind, HEADER);
	return !channel_size_is_valid(header->size) || behind >= header->size;
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
