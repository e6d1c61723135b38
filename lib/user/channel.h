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
 * One end of a connection. It has at most one message that is received in part,
 * and one that is sent in part. A message's descriptors are the channel's, and
 * are closed when the next one is received, unless channel_take_fd() took them.
 */
struct channel {
	const struct kernel *kernel;
	int fd; /* the socket, ours; -1: closed */

	/* The message that is received, or was received last. */
	struct user_header header;
	uint8_t *payload;
	size_t size;           /* of the payload */
	size_t room;           /* at @payload */
	size_t received;       /* bytes of header and payload */
	bool is_complete;      /* the next one begins at the next receive */
	int fds[USER_FDS_MAX]; /* -1: taken */
	unsigned int fd_count;

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
 * Receive what is there, up to the end of one message. Returns 1 when a message
 * is complete, which stays valid until the next call; 0 if more is to come;
 * -ECONNRESET if the peer closed the connection; -EBADMSG if the peer's bytes
 * are no message; or another -errno. After an -errno only channel_close() is of
 * use.
 */
int channel_receive(struct channel *channel);

/* Whether a message was received in part. */
bool channel_is_receiving(const struct channel *channel);

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
