// SPDX-License-Identifier: MIT
// Fuzzes the client's end of vfio-user: a hostile server answers an open, and
// what a program does with the device afterwards.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <linux/vfio.h>

#include <lend/client.h>
#include <lend/irq.h>
#include <lend/region.h>

#include "lib/base/context.h"
#include "lib/user/message.h"
#include "tests/fuzz/input.h"
#include "tests/fuzz/stub.h"

#define SOCKET 100 /* of the connection */
#define FIRST  200 /* of the descriptors that the server sends */
#define COPY   300 /* of an eventfd */
#define PAGE   4096
#define ACTS   32

/* What is open and mapped must be closed and unmapped with the device. */
struct hostile_server {
	struct kernel kernel; /* first: what the client calls */
	struct input input;
	struct user_header asked; /* the last request */
	unsigned int descriptors;
	unsigned int maps;
	size_t at; /* in the message that is received */
	uint32_t size;
};

static struct hostile_server *hostile_server_of(const struct kernel *k)
{
	return (struct hostile_server *)(uintptr_t)k;
}

static int hostile_server_close(const struct kernel *k, int fd)
{
	if (fd != SOCKET && !hostile_server_of(k)->descriptors--)
		stub_never("a descriptor closed twice");
	return 0;
}

static ssize_t hostile_server_send(const struct kernel *k, int fd,
				   const struct msghdr *message)
{
	struct hostile_server *server = hostile_server_of(k);

	(void)fd;
	if (message->msg_iov->iov_len >= sizeof(server->asked))
		memcpy(&server->asked, message->msg_iov->iov_base,
		       sizeof(server->asked));
	return (ssize_t)message->msg_iov->iov_len;
}

/* Most messages are replies to what was asked, with a size that is plausible:
 * inputs get beyond the header. */
static void hostile_server_header(struct hostile_server *server,
				  struct user_header *header)
{
	unsigned int how = (unsigned int)input_take(&server->input, 1);

	*header = (struct user_header){
		.id = server->asked.id,
		.command = server->asked.command,
		.size = 16 + (uint32_t)input_take(&server->input, 2),
		.flags = USER_REPLY,
	};
	if (how < 8)
		input_fill(&server->input, header, sizeof(*header));
	else if (how < 32)
		header->flags = USER_COMMAND;
	if (how >= 8 && how < 20)
		header->command = how < 14 ? USER_DMA_READ : USER_DMA_WRITE;
	server->size = header->size;
}

static void hostile_server_add(struct hostile_server *server,
			       struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int fd = FIRST;

	if (input_take(&server->input, 1) % 4 ||
	    message->msg_controllen < CMSG_SPACE(sizeof(fd))) {
		message->msg_controllen = 0;
		return;
	}
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	message->msg_controllen = CMSG_SPACE(sizeof(fd));
	server->descriptors++;
}

static ssize_t hostile_server_receive(const struct kernel *k, int fd,
				      struct msghdr *message)
{
	struct hostile_server *server = hostile_server_of(k);
	size_t size = message->msg_iov->iov_len;
	struct user_header header;

	(void)fd;
	if (!server->input.left) {
		message->msg_controllen = 0;
		return 0;
	}
	if (!server->at && size == sizeof(header)) {
		hostile_server_header(server, &header);
		memcpy(message->msg_iov->iov_base, &header, size);
		hostile_server_add(server, message);
	} else {
		input_fill(&server->input, message->msg_iov->iov_base, size);
		message->msg_controllen = 0;
	}
	server->at += size;
	if (server->at >= server->size)
		server->at = 0;
	return (ssize_t)size;
}

static int hostile_server_poll(const struct kernel *k, struct pollfd *fds,
			       unsigned int count, int milliseconds)
{
	(void)k;
	(void)milliseconds;
	fds->revents = fds->events;
	return (int)count;
}

static int hostile_server_seals(const struct kernel *k, int fd)
{
	if (fd != FIRST)
		stub_never("seals of nothing that was sent");
	return input_take(&hostile_server_of(k)->input, 1) ? F_SEAL_SHRINK
							   : -EINVAL;
}

static int hostile_server_fstat(const struct kernel *k, int fd, struct stat *st)
{
	(void)fd;
	*st = (struct stat){
		.st_size = (off_t)input_take(&hostile_server_of(k)->input, 4)};
	return 0;
}

static int hostile_server_dup(const struct kernel *k, int fd)
{
	(void)fd;
	hostile_server_of(k)->descriptors++;
	return COPY;
}

static int hostile_server_shutdown(const struct kernel *k, int fd)
{
	(void)k;
	if (fd != SOCKET)
		stub_never("the end of no connection");
	return 0;
}

static ssize_t hostile_server_write(const struct kernel *k, int fd,
				    const void *data, size_t size)
{
	(void)k;
	(void)data;
	if (fd != COPY)
		stub_never("a signal to what is no eventfd");
	return (ssize_t)size;
}

/* A window of the device: no more than the file has. */
static int hostile_server_map(const struct kernel *k, void *at, size_t size,
			      int prot, int flags, int fd, uint64_t offset,
			      void **vaddr)
{
	(void)prot;
	(void)offset;
	(void)flags;
	if (!size || (fd != FIRST && fd != -1))
		stub_never("a mapping of nothing");
	if (!at)
		hostile_server_of(k)->maps++;
	*vaddr = at ? at : hostile_server_of(k);
	return 0;
}

static int hostile_server_unmap(const struct kernel *k, void *vaddr,
				size_t size)
{
	(void)vaddr;
	(void)size;
	if (!hostile_server_of(k)->maps--)
		stub_never("an unmap of what is not mapped");
	return 0;
}

static int hostile_server_advise(const struct kernel *k, void *vaddr,
				 size_t size, int advice)
{
	(void)k;
	(void)vaddr;
	(void)size;
	(void)advice;
	return 0;
}

static void hostile_act(struct hostile_server *server,
			struct lend_device *device)
{
	static char memory[PAGE] __attribute__((aligned(PAGE)));
	unsigned int act = (unsigned int)input_take(&server->input, 1);
	unsigned int index = (unsigned int)input_take(&server->input, 1) % 10;
	struct lend_iommu *iommu = lend_device_iommu(device);
	const struct lend_region *region = lend_device_region(device, index);
	const int fds[3] = {COPY, act & 0x80 ? -1 : COPY, COPY};
	uint8_t bytes[16];
	void *at;

	switch (act % 8) {
	case 0:
		lend_region_read(device, index, 0, bytes, sizeof(bytes));
		break;
	case 1:
		lend_region_write(device, index, 0, memory, sizeof(bytes));
		break;
	case 2:
		lend_irq_set(device, index, 0, 3, fds);
		break;
	case 3:
		lend_irq_disable(device, index);
		break;
	case 4:
		lend_iommu_map(iommu, 0, memory, PAGE, LEND_DMA_READ);
		break;
	case 5:
		lend_iommu_unmap_all(iommu);
		break;
	case 6:
		lend_device_serve(device);
		break;
	default:
		if (region->area_count)
			lend_region_map(device, index, region->areas->offset,
					region->areas->size, &at);
	}
}

static struct hostile_server hostile_server_new(const uint8_t *data,
						size_t size)
{
	struct hostile_server server = {
		.kernel = *kernel_real(),
		.input = {data, size},
	};

	server.kernel.close = hostile_server_close;
	server.kernel.send = hostile_server_send;
	server.kernel.receive = hostile_server_receive;
	server.kernel.poll = hostile_server_poll;
	server.kernel.seals = hostile_server_seals;
	server.kernel.fstat = hostile_server_fstat;
	server.kernel.dup = hostile_server_dup;
	server.kernel.shutdown = hostile_server_shutdown;
	server.kernel.write = hostile_server_write;
	server.kernel.map = hostile_server_map;
	server.kernel.unmap = hostile_server_unmap;
	server.kernel.advise = hostile_server_advise;
	return server;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hostile_server server = hostile_server_new(data, size);
	struct lend_device *device = NULL;
	struct lend_iommu *iommu = NULL;
	struct lend_ctx *ctx = NULL;

	if (!ctx_new(NULL, &server.kernel, &ctx) &&
	    !lend_iommu_new(ctx, NULL, &iommu) &&
	    !lend_device_open_socket(iommu, SOCKET, NULL, NULL, &device))
		for (unsigned int i = 0; i < ACTS && server.input.left; i++)
			hostile_act(&server, device);
	lend_device_unref(device);
	lend_iommu_unref(iommu);
	lend_ctx_unref(ctx);
	if (server.descriptors || server.maps)
		stub_never("something of the server is left");
	return 0;
}
