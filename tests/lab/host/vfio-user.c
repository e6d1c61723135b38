// SPDX-License-Identifier: MIT
// A client of `lend serve` that drives an NVMe controller, or leaves earlier.
// with: tests/unit/lib/server/peer.c
//
// usage: vfio-user PATH identify|map|stay|leave N
//
// identify has the controller name itself, by DMA and an MSI-X interrupt; map
// reads its registers by message and by descriptor; stay does as identify, and
// waits to be killed; leave ends when N messages were sent, and reads no reply
// to the last.

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <linux/vfio.h>

#include "tests/unit/lib/server/peer.h"

#define WAIT_MS 10000
#define PAGE    4096
#define IOVA    0x100000ull
#define CONFIG  7

#define NVME_CAP      0x00
#define NVME_CC       0x14
#define NVME_CSTS     0x1c
#define NVME_AQA      0x24
#define NVME_ASQ      0x28
#define NVME_ACQ      0x30
#define NVME_DOORBELL 0x1000

struct session {
	int fd;
	long left; /* messages until this process ends; < 0: no end */
	struct peer_reply reply;
	volatile uint8_t *memory; /* commands, completions, data: a page each */
	int file;
	int event;
};

static void user_fail(const char *what)
{
	fprintf(stderr, "vfio-user: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void user_session_ask(struct session *s, uint16_t command,
			     const void *payload, size_t size, const int *fds,
			     unsigned int count)
{
	struct pollfd ready = {.fd = s->fd, .events = POLLIN};

	if (!peer_send(s->fd, command, 0, payload, size, fds, count))
		user_fail("send");
	if (s->left > 0 && !--s->left)
		exit(0);
	if (poll(&ready, 1, WAIT_MS) != 1)
		user_fail("no reply");
	if (!peer_receive(s->fd, &s->reply))
		user_fail("the connection was closed");
	errno = (int)s->reply.header.err;
	if (errno) {
		fprintf(stderr, "vfio-user: command %u: ", command);
		user_fail("refused");
	}
}

static uint32_t user_region_read(struct session *s, uint32_t region,
				 uint64_t offset)
{
	const struct user_region_access access = {offset, region, 4};
	uint32_t value;

	user_session_ask(s, USER_REGION_READ, &access, sizeof(access), NULL, 0);
	memcpy(&value, s->reply.payload + sizeof(access), sizeof(value));
	return value;
}

static void user_region_write(struct session *s, uint32_t region,
			      uint64_t offset, uint32_t value)
{
	struct {
		struct user_region_access access;
		uint32_t value;
		uint32_t unused;
	} write = {.access = {offset, region, 4}, .value = value};

	user_session_ask(s, USER_REGION_WRITE, &write,
			 sizeof(write.access) + sizeof(write.value), NULL, 0);
}

static void user_session_open(struct session *s, const char *path)
{
	static const char version[] =
		"\0\0\0\0{\"capabilities\":{\"max_msg_fds\":8}}";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct user_device_info info = {.argsz = sizeof(info)};

	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (connect(s->fd, (struct sockaddr *)&address, sizeof(address)))
		user_fail("connect");
	user_session_ask(s, USER_VERSION, version, sizeof(version), NULL, 0);
	user_session_ask(s, USER_DEVICE_GET_INFO, &info, sizeof(info), NULL, 0);
	memcpy(&info, s->reply.payload, sizeof(info));
	if (!(info.flags & VFIO_DEVICE_FLAGS_PCI))
		user_fail("not a PCI device");
}

static void user_session_give_memory(struct session *s)
{
	const struct user_dma_map map = {
		32, USER_DMA_MAP_READ | USER_DMA_MAP_WRITE, 0, IOVA, 3 * PAGE};
	void *memory;

	s->file = memfd_create("memory", MFD_CLOEXEC);
	if (s->file < 0 || ftruncate(s->file, 3 * PAGE))
		user_fail("memfd_create");
	memory = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
		      s->file, 0);
	if (memory == MAP_FAILED)
		user_fail("mmap");
	s->memory = memory;
	user_session_ask(s, USER_DMA_MAP, &map, sizeof(map), &s->file, 1);
}

static void user_session_take_interrupt(struct session *s)
{
	const struct user_irq_set set = {sizeof(set),
					 VFIO_IRQ_SET_DATA_EVENTFD |
						 VFIO_IRQ_SET_ACTION_TRIGGER,
					 VFIO_PCI_MSIX_IRQ_INDEX, 0, 1};

	s->event = eventfd(0, EFD_CLOEXEC);
	user_session_ask(s, USER_DEVICE_SET_IRQS, &set, sizeof(set), &s->event,
			 1);
}

static void user_nvme_start(struct session *s)
{
	const struct timespec tick = {.tv_nsec = 10 * 1000 * 1000};

	user_region_write(s, CONFIG, 4, 6); /* memory, bus master */
	user_region_write(s, 0, NVME_CC, 0);
	user_region_write(s, 0, NVME_AQA, 1 << 16 | 1);
	user_region_write(s, 0, NVME_ASQ, IOVA);
	user_region_write(s, 0, NVME_ASQ + 4, 0);
	user_region_write(s, 0, NVME_ACQ, IOVA + PAGE);
	user_region_write(s, 0, NVME_ACQ + 4, 0);
	user_region_write(s, 0, NVME_CC, 6 << 16 | 4 << 20 | 1);
	for (unsigned int i = 0; i < WAIT_MS / 10; i++) {
		if (user_region_read(s, 0, NVME_CSTS) & 1)
			return;
		nanosleep(&tick, NULL);
	}
	user_fail("the controller does not start");
}

static void user_nvme_identify(struct session *s)
{
	struct pollfd ready = {.fd = s->event, .events = POLLIN};
	const uint64_t data = IOVA + 2 * PAGE;
	uint32_t command[16] = {[0] = 6, [6] = (uint32_t)data, [10] = 1};
	char model[41] = "";

	memcpy((void *)(uintptr_t)s->memory, command, sizeof(command));
	user_region_write(s, 0, NVME_DOORBELL, 1);
	if (s->left >= 0)
		return;
	if (poll(&ready, 1, WAIT_MS) != 1)
		user_fail("no interrupt");
	if (s->memory[PAGE + 14] != 1 || s->memory[PAGE + 15])
		user_fail("the command failed");
	for (unsigned int i = 0; i < 40; i++)
		model[i] = (char)s->memory[2 * PAGE + 24 + i];
	printf("model %s\n", model);
	fflush(stdout);
}

/* Its version by message and by a mapping of the first area. */
static void compare_registers(struct session *s)
{
	struct user_region_info info = {.argsz = sizeof(info)};
	const volatile uint32_t *bar;
	uint64_t offset;

	user_region_write(s, CONFIG, 4, 2);
	user_session_ask(s, USER_DEVICE_GET_REGION_INFO, &info, sizeof(info),
			 NULL, 0);
	memcpy(&info, s->reply.payload, sizeof(info));
	offset = info.offset;
	if (!(info.flags & VFIO_REGION_INFO_FLAG_MMAP) || s->reply.fd < 0)
		user_fail("BAR 0 is not mapped");
	bar = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, s->reply.fd,
		   (off_t)offset);
	if (bar == MAP_FAILED)
		user_fail("mmap of BAR 0");
	if (bar[2] != user_region_read(s, 0, 8) || !bar[2])
		user_fail("the registers differ");
	printf("mapped, version 0x%x\n", bar[2]);
}

int main(int argc, char **argv)
{
	struct session s = {.left = -1};

	if (argc < 3)
		return 2;
	if (argc > 3)
		s.left = atol(argv[3]);
	user_session_open(&s, argv[1]);
	if (!strcmp(argv[2], "map")) {
		compare_registers(&s);
		return 0;
	}
	user_session_give_memory(&s);
	user_session_take_interrupt(&s);
	user_nvme_start(&s);
	user_nvme_identify(&s);
	while (!strcmp(argv[2], "stay"))
		pause();
	return 0;
}
