/* SPDX-License-Identifier: MIT */
/* Messages with descriptors over a stream socket that never blocks. */
#ifndef LIB_USER_CHANNEL_H
#define LIB_USER_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/kernel.h"
#include "lib/user/message.h"

/*
 * One end of a connection. Bytes are received as they are there, with those of
 * further messages; one message is sent at a time. A message's descriptors are
 * the channel's, and are closed when the next one is received, unless
 * channel_take_fd() took them.
 */
struct channel {
	const struct kernel *kernel;
	int fd; /* the socket, ours; -1: closed */

	/* The message that was received last; its payload is in @in. */
	struct user_header header;
	uint8_t *payload;
	size_t size;           /* of the payload */
	bool is_complete;      /* the next one begins at the next receive */
	int fds[USER_FDS_MAX]; /* -1: taken */
	unsigned int fd_count;

	/* What was received: from the start of the message on. */
	uint8_t *in;
	size_t in_room;
	size_t in_start;
	size_t in_end;
	bool is_drained; /* the last receive took all that was there */
	/* Descriptors that arrived last, of the message that has this byte. */
	int late[USER_FDS_MAX];
	unsigned int late_count;
	size_t late_at;

	/* The message that is sent: a header and what follows it. */
	uint8_t *out;
	size_t out_room;
	size_t out_size; /* 0: none */
	size_t out_sent;
	/* Borrowed; they go with the first byte, since peers take them there.
	 */
	int out_fds[USER_FDS_MAX];
	unsigned int out_fd_count;
};

/* Take a connected socket. */
void channel_open(struct channel *channel, const struct kernel *kernel, int fd);

/* Close the socket and all descriptors, and free the memory. */
void channel_close(struct channel *channel);

/*
 * Receive a message. Returns 1 when it is complete, which stays valid until the
 * next call; 0 if the socket is to be polled before the next call;
 * -ECONNRESET if the peer closed the connection; -EBADMSG if the peer's bytes
 * are no message; or another -errno. After an -errno only channel_close() is of
 * use.
 */
int channel_receive(struct channel *channel);

/* The socket has been polled, and has something. */
void channel_readable(struct channel *channel);

/* Whether bytes of the next message are there. */
bool channel_is_receiving(const struct channel *channel);

/* Whether channel_receive() has a message, or a fault, to return without a
 * receive: then the socket may have nothing to be polled for. Sets *@header to
 * its header. */
bool channel_has_message(const struct channel *channel,
			 struct user_header *header);

/* Take a descriptor of the last message, which the caller closes. */
int channel_take_fd(struct channel *channel, unsigned int number);

/* Room for the payload of the message to be sent, or NULL without memory. What
 * it had is kept. No message may be in the way of being sent. */
void *channel_room(struct channel *channel, size_t size);

/*
 * Send a message whose payload of @size bytes is in channel_room(), with up to
 * USER_FDS_MAX descriptors, which must stay open until all is sent. Sets the
 * header's size. Returns 0, also if a part is still to be sent, or -errno as
 * channel_receive().
 */
int channel_send_fds(struct channel *channel, const struct user_header *header,
		     size_t size, const int *fds, unsigned int count);

/* As that, with one descriptor, or with none if @fd is -1. */
int channel_send(struct channel *channel, const struct user_header *header,
		 size_t size, int fd);

/* Send more of what is still to be sent. Returns 0 or -errno. */
int channel_flush(struct channel *channel);

/* Whether a message was sent in part. */
bool channel_is_sending(const struct channel *channel);

#endif
