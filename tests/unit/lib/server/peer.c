// SPDX-License-Identifier: MIT
// A client of vfio-user that sends whatever a test wants.

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/lib/server/peer.h"

int peer_listen(void)
{
	const sa_family_t family = AF_UNIX;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (const struct sockaddr *)&family, sizeof(family)) ||
	    listen(fd, 8)) {
		close(fd);
		return -1;
	}
	return fd;
}

int peer_connect(int listening)
{
	struct sockaddr_un address;
	socklen_t length = sizeof(address);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (getsockname(listening, (struct sockaddr *)&address, &length) ||
	    connect(fd, (const struct sockaddr *)&address, length)) {
		close(fd);
		return -1;
	}
	return fd;
}

bool peer_send_bytes(int fd, const void *data, size_t size, const int *fds,
		     unsigned int count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(64 * sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)data, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (count) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	return sendmsg(fd, &message, MSG_NOSIGNAL) == (ssize_t)size;
}

bool peer_send(int fd, uint16_t command, uint32_t flags, const void *payload,
	       size_t size, const int *fds, unsigned int count)
{
	const struct user_header header = {
		.id = (uint16_t)(command * 3),
		.command = command,
		.size = (uint32_t)(sizeof(header) + size),
		.flags = flags,
	};
	uint8_t message[sizeof(header) + PEER_DATA];

	memcpy(message, &header, sizeof(header));
	if (size)
		memcpy(message + sizeof(header), payload, size);
	return peer_send_bytes(fd, message, sizeof(header) + size, fds, count);
}

bool peer_receive(int fd, struct peer_reply *reply)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {&reply->header, sizeof(reply->header)};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c;

	reply->fd = -1;
	reply->size = 0;
	if (recvmsg(fd, &message, MSG_DONTWAIT) != sizeof(reply->header))
		return false;
	c = CMSG_FIRSTHDR(&message);
	if (c)
		memcpy(&reply->fd, CMSG_DATA(c), sizeof(int));
	if (reply->header.size < sizeof(reply->header) ||
	    reply->header.size > sizeof(reply->header) + PEER_DATA)
		return false;
	reply->size = reply->header.size - sizeof(reply->header);
	return !reply->size || recv(fd, reply->payload, reply->size,
				    MSG_DONTWAIT) == (ssize_t)reply->size;
}

bool peer_is_closed(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}
