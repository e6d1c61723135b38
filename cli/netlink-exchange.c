// SPDX-License-Identifier: MIT
// One request to rtnetlink, and its answer, by a socket of its own.

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/netlink.h>

#include "cli/netlink.h"

/* The kernel answers before send() returns. */
enum { ANSWER_SECONDS = 10 };

static long netlink_transfer(int fd, const void *request, size_t size,
			     void *answer, size_t room)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	const struct timeval timeout = {.tv_sec = ANSWER_SECONDS};
	const int on = 1;
	ssize_t n;

	/* Without them a failure has no message of the driver, and repeats the
	 * request. */
	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof(on));
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout,
		       sizeof(timeout)) ||
	    sendto(fd, request, size, 0, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	n = recv(fd, answer, room, MSG_TRUNC);
	if (n < 0)
		return -errno;
	return (size_t)n > room ? -EMSGSIZE : n;
}

long netlink_exchange(const void *request, size_t size, void *answer,
		      size_t room)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	long n;

	if (fd < 0)
		return -errno;
	n = netlink_transfer(fd, request, size, answer, room);
	close(fd);
	return n;
}
