/* SPDX-License-Identifier: MIT */
/* A client of vfio-user that sends whatever a test wants. */
#ifndef TESTS_UNIT_LIB_SERVER_PEER_H
#define TESTS_UNIT_LIB_SERVER_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/user/message.h"

#define PEER_DATA 4096

/* A reply, as it was received. */
struct peer_reply {
	struct user_header header;
	_Alignas(8) uint8_t payload[PEER_DATA];
	size_t size; /* of the payload */
	int fd;      /* -1: none; the test closes it */
};

/* A socket that listens under a name of the kernel's choice, or -1. */
int peer_listen(void);

/* Connects to such a socket. Returns a descriptor or -1. */
int peer_connect(int listening);

/* Sends bytes with descriptors. Returns whether all were sent. */
bool peer_send_bytes(int fd, const void *data, size_t size, const int *fds,
		     unsigned int count);

/* Sends a command. */
bool peer_send(int fd, uint16_t command, uint32_t flags, const void *payload,
	       size_t size, const int *fds, unsigned int count);

/* Receives a reply that is there. Returns whether there is a whole one. */
bool peer_receive(int fd, struct peer_reply *reply);

/* Whether the other end has closed the connection. */
bool peer_is_closed(int fd);

#endif
