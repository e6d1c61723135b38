// SPDX-License-Identifier: MIT
// Moves data through a disk or a NIC for some seconds, and prints the rate, in
// the host or in a guest.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../clock.h"

#define DISK    "/dev/nvme0n1"
#define ECHO_IP "10.0.2.100" /* echoes all data */
#define ECHO    7
#define BLOCK   4096
#define LARGE   (1 << 20)
#define SECONDS 3

static void traffic_fail(const char *what)
{
	printf("FAILED: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int disk_open(uint64_t *size, void **buffer)
{
	int fd = open(DISK, O_RDONLY | O_DIRECT);

	if (fd < 0)
		traffic_fail(DISK);
	*size = (uint64_t)lseek(fd, 0, SEEK_END);
	if (posix_memalign(buffer, BLOCK, LARGE))
		traffic_fail("memory");
	return fd;
}

/* Returns bytes read sequentially. */
static uint64_t disk_sequential(uint64_t until)
{
	uint64_t size, offset = 0, moved = 0;
	void *buffer;
	int fd = disk_open(&size, &buffer);

	while (clock_microseconds() < until) {
		if (offset + LARGE > size)
			offset = 0;
		if (pread(fd, buffer, LARGE, (off_t)offset) != LARGE)
			traffic_fail("read");
		offset += LARGE;
		moved += LARGE;
	}
	return moved;
}

/* Returns blocks read at random offsets. */
static uint64_t disk_random(uint64_t until)
{
	uint64_t size, count = 0, random = 88172645463325252u;
	void *buffer;
	int fd = disk_open(&size, &buffer);

	while (clock_microseconds() < until) {
		/* Marsaglia's xorshift: the same offsets in each run. */
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		if (pread(fd, buffer, BLOCK,
			  (off_t)(random % (size / BLOCK) * BLOCK)) != BLOCK)
			traffic_fail("read");
		count++;
	}
	return count;
}

static int net_open(void)
{
	const struct sockaddr_in peer = {
		.sin_family = AF_INET,
		.sin_port = htons(ECHO),
		.sin_addr.s_addr = inet_addr(ECHO_IP),
	};
	const struct timeval patience = {.tv_sec = 10};
	int fd = socket(AF_INET, SOCK_STREAM, 0), yes = 1;

	if (fd < 0 || connect(fd, (const struct sockaddr *)&peer, sizeof(peer)))
		traffic_fail("connect to " ECHO_IP);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	return fd;
}

static void net_receive(int fd, char *data, size_t size)
{
	if (recv(fd, data, size, MSG_WAITALL) != (ssize_t)size)
		traffic_fail("receive");
}

/* Returns round trips of one byte. */
static uint64_t net_pingpong(uint64_t until)
{
	int fd = net_open();
	uint64_t count = 0;
	char byte = 'x';

	while (clock_microseconds() < until) {
		if (send(fd, &byte, 1, 0) != 1)
			traffic_fail("send");
		net_receive(fd, &byte, 1);
		count++;
	}
	return count;
}

/* Returns bytes sent and received back. */
static uint64_t net_bulk(uint64_t until)
{
	static char data[65536];
	int fd = net_open();
	uint64_t moved = 0;

	while (clock_microseconds() < until) {
		if (send(fd, data, sizeof(data), 0) != sizeof(data))
			traffic_fail("send");
		net_receive(fd, data, sizeof(data));
		moved += sizeof(data);
	}
	return moved;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t (*run)(uint64_t until);
	} kinds[] = {
		{"disk-sequential", disk_sequential},
		{"disk-random", disk_random},
		{"net-pingpong", net_pingpong},
		{"net-bulk", net_bulk},
	};
	uint64_t begin = clock_microseconds();

	for (size_t i = 0; argc == 2 && i < 4; i++) {
		uint64_t amount;

		if (strcmp(argv[1], kinds[i].name))
			continue;
		amount = kinds[i].run(begin + SECONDS * 1000000);
		printf("%s %.0f per second\n", argv[1],
		       (double)amount * 1e6 /
			       (double)(clock_microseconds() - begin));
		return 0;
	}
	puts("usage: traffic "
	     "disk-sequential|disk-random|net-pingpong|net-bulk");
	return 2;
}
