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
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/aio_abi.h>

#include "../clock.h"

#define DISK    "/dev/nvme0n1"
#define VIRTIO  "/dev/vda"   /* in its place */
#define ECHO_IP "10.0.2.100" /* echoes all data */
#define ECHO    7
#define BLOCK   4096
#define LARGE   (1 << 20)
#define DEEP    32 /* reads at once */
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
		fd = open(VIRTIO, O_RDONLY | O_DIRECT);
	if (fd < 0)
		traffic_fail(DISK " or " VIRTIO);
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

/* The next of the random offsets, by Marsaglia's xorshift: the same in each
 * run. */
static off_t random_offset(uint64_t *random, uint64_t size)
{
	*random ^= *random << 13;
	*random ^= *random >> 7;
	*random ^= *random << 17;
	return (off_t)(*random % (size / BLOCK) * BLOCK);
}

#define RANDOM_SEED 88172645463325252u

/* Returns blocks read at random offsets. */
static uint64_t disk_random(uint64_t until)
{
	uint64_t size, count = 0, random = RANDOM_SEED;
	void *buffer;
	int fd = disk_open(&size, &buffer);

	while (clock_microseconds() < until) {
		if (pread(fd, buffer, BLOCK, random_offset(&random, size)) !=
		    BLOCK)
			traffic_fail("read");
		count++;
	}
	return count;
}

/* Returns blocks read at random offsets, DEEP of them at once. */
static uint64_t disk_deep(uint64_t until)
{
	uint64_t size, count = 0, random = RANDOM_SEED;
	struct io_event events[DEEP];
	struct iocb blocks[DEEP];
	aio_context_t context = 0;
	void *buffer;
	int fd = disk_open(&size, &buffer);
	long idle = DEEP;

	if (syscall(SYS_io_setup, DEEP, &context))
		traffic_fail("io_setup");
	for (int i = 0; i < DEEP; i++)
		events[i].obj = (uintptr_t)&blocks[i];
	while (clock_microseconds() < until) {
		for (long i = 0; i < idle; i++) {
			struct iocb *block =
				(struct iocb *)(uintptr_t)events[i].obj;

			*block = (struct iocb){
				.aio_fildes = (uint32_t)fd,
				.aio_lio_opcode = IOCB_CMD_PREAD,
				.aio_buf = (uintptr_t)buffer +
					   (size_t)(block - blocks) * BLOCK,
				.aio_nbytes = BLOCK,
				.aio_offset = random_offset(&random, size),
			};
			if (syscall(SYS_io_submit, context, 1L, &block) != 1)
				traffic_fail("io_submit");
		}
		idle = syscall(SYS_io_getevents, context, 1L, (long)DEEP,
			       events, NULL);
		if (idle < 1)
			traffic_fail("io_getevents");
		for (long i = 0; i < idle; i++)
			if (events[i].res != BLOCK)
				traffic_fail("read");
		count += (uint64_t)idle;
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

static int traffic_usage(void)
{
	puts("usage: traffic KIND[.SECONDS]   kinds: disk-sequential "
	     "disk-random disk-deep net-pingpong net-bulk");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t (*run)(uint64_t until);
	} kinds[] = {
		{"disk-sequential", disk_sequential},
		{"disk-random", disk_random},
		{"disk-deep", disk_deep},
		{"net-pingpong", net_pingpong},
		{"net-bulk", net_bulk},
	};
	const char *seconds = argc == 2 ? strchr(argv[1], '.') : NULL;
	size_t length = argc == 2 ? strcspn(argv[1], ".") : 0;
	uint64_t begin = clock_microseconds(), amount;
	uint64_t time = seconds ? strtoul(seconds + 1, NULL, 10) : SECONDS;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strlen(kinds[i].name) != length ||
		    strncmp(argv[1], kinds[i].name, length))
			continue;
		amount = kinds[i].run(begin + time * 1000000);
		printf("%s %.0f per second\n", kinds[i].name,
		       (double)amount * 1e6 /
			       (double)(clock_microseconds() - begin));
		return 0;
	}
	return traffic_usage();
}
