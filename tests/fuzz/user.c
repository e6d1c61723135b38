// SPDX-License-Identifier: MIT
// A client of a server of vfio-user: any bytes and descriptors, in any pieces.

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <lend/server.h>

#include "input.h"
#include "lib/base/context.h"
#include "lib/user/message.h"
#include "stub.h"

#define SOCKET 100 /* the client's, and below it the one that listens */
#define FIRST  200 /* of the descriptors that the client sends */
#define REGION 256
#define IRQS   20
#define TURNS  4096

/* What is open, mapped and let in must be undone when the client is gone. */
struct hostile_client {
	struct kernel kernel; /* first: what the server calls */
	struct input input;
	bool has_come;
	unsigned int descriptors;
	unsigned int maps;
	unsigned int let_in;
	uint8_t version[20]; /* sent before the input */
	size_t version_left;
};

static struct hostile_client *hostile_client_of(const struct kernel *k)
{
	return (struct hostile_client *)(uintptr_t)k;
}

static int hostile_client_accept(const struct kernel *k, int fd)
{
	struct hostile_client *client = hostile_client_of(k);

	(void)fd;
	if (client->has_come)
		return -EAGAIN;
	client->has_come = true;
	client->descriptors++;
	return SOCKET;
}

static int hostile_client_close(const struct kernel *k, int fd)
{
	if (fd >= SOCKET && !hostile_client_of(k)->descriptors--)
		stub_never("a descriptor closed twice");
	return 0;
}

static ssize_t hostile_client_send(const struct kernel *k, int fd,
				   const struct msghdr *message)
{
	struct hostile_client *client = hostile_client_of(k);
	size_t size = message->msg_iov->iov_len;

	(void)fd;
	/* Now and then the socket is full, or nobody reads. */
	switch (client->input.left ? input_take(&client->input, 1) : 1) {
	case 0:
		return -EAGAIN;
	case 2:
		return -EPIPE;
	case 3:
		return (ssize_t)(size / 2 + 1);
	default:
		return (ssize_t)size;
	}
}

static void hostile_client_add_descriptors(struct hostile_client *client,
					   struct msghdr *message,
					   unsigned int count)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int fd = FIRST;

	if (!count ||
	    message->msg_controllen < CMSG_SPACE(count * sizeof(fd))) {
		message->msg_controllen = 0;
		return;
	}
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(fd));
	for (unsigned int i = 0; i < count; i++, fd++)
		memcpy((char *)c + CMSG_LEN(i * sizeof(fd)), &fd, sizeof(fd));
	message->msg_controllen = CMSG_SPACE(count * sizeof(fd));
	client->descriptors += count;
}

static ssize_t hostile_client_receive(const struct kernel *k, int fd,
				      struct msghdr *message)
{
	struct hostile_client *client = hostile_client_of(k);
	size_t size = message->msg_iov->iov_len, most = client->version_left;
	unsigned int how;

	(void)fd;
	if (most) {
		size = size < most ? size : most;
		memcpy(message->msg_iov->iov_base,
		       client->version + sizeof(client->version) - most, size);
		client->version_left -= size;
		message->msg_controllen = 0;
		return (ssize_t)size;
	}
	if (!client->input.left) {
		message->msg_controllen = 0;
		return 0;
	}
	how = (unsigned int)input_take(&client->input, 1);
	if (how == 0xff)
		return -EAGAIN;
	if (how & 0x80)
		size = size / 2 + 1;
	input_fill(&client->input, message->msg_iov->iov_base, size);
	hostile_client_add_descriptors(client, message,
				       how & 0x60 ? 0 : how & 0x1f);
	return (ssize_t)size;
}

static int hostile_client_seals(const struct kernel *k, int fd)
{
	(void)fd;
	return input_take(&hostile_client_of(k)->input, 1) == 1 ? -EINVAL : 0;
}

static int hostile_client_fstat(const struct kernel *k, int fd, struct stat *st)
{
	(void)fd;
	*st = (struct stat){
		.st_size = (off_t)input_take(&hostile_client_of(k)->input, 8)};
	return 0;
}

static int hostile_client_map(const struct kernel *k, void *at, size_t size,
			      int prot, int flags, int fd, uint64_t offset,
			      void **vaddr)
{
	(void)at;
	(void)prot;
	(void)flags;
	(void)offset;
	if (fd < FIRST || !size)
		stub_never("a mapping of nothing");
	hostile_client_of(k)->maps++;
	*vaddr = hostile_client_of(k);
	return 0;
}

static int hostile_client_unmap(const struct kernel *k, void *vaddr,
				size_t size)
{
	(void)size;
	if (vaddr != hostile_client_of(k) || !hostile_client_of(k)->maps--)
		stub_never("an unmap of what is not mapped");
	return 0;
}

static int hostile_served_result(struct hostile_client *client)
{
	return client->input.left && input_take(&client->input, 1) == 1 ? -EIO
									: 0;
}

static int hostile_served_access(void *opaque, unsigned int index,
				 uint64_t offset, size_t size)
{
	if (index || offset > REGION || size > REGION - offset || !size)
		stub_never("an access beyond the region");
	return hostile_served_result(opaque);
}

static int hostile_served_take_read(void *opaque, unsigned int index,
				    uint64_t offset, void *data, size_t size)
{
	memset(data, 0, size);
	return hostile_served_access(opaque, index, offset, size);
}

static int hostile_served_take_write(void *opaque, unsigned int index,
				     uint64_t offset, const void *data,
				     size_t size)
{
	const uint8_t *bytes = data;
	unsigned int sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += bytes[i];
	return sum == 1 ? -EIO
			: hostile_served_access(opaque, index, offset, size);
}

static int hostile_served_check_irq(void *opaque, unsigned int index,
				    unsigned int start, unsigned int count)
{
	if (index || start >= IRQS || !count || count > IRQS - start)
		stub_never("an interrupt that is not there");
	return hostile_served_result(opaque);
}

static int hostile_served_take_irqs(void *opaque, unsigned int index,
				    unsigned int start, unsigned int count,
				    const int *fds)
{
	for (unsigned int i = 0; i < count; i++)
		if (fds[i] != -1 && fds[i] < FIRST)
			stub_never("a descriptor of this process");
	return hostile_served_check_irq(opaque, index, start, count);
}

static int hostile_served_take_unmask(void *opaque, unsigned int index,
				      unsigned int start, int fd)
{
	if (fd != -1 && fd < FIRST)
		stub_never("a descriptor of this process");
	return hostile_served_check_irq(opaque, index, start, 1);
}

static int hostile_served_take_action(void *opaque, unsigned int index,
				      unsigned int start,
				      enum lend_server_irq_action action)
{
	(void)action;
	return hostile_served_check_irq(opaque, index, start, 1);
}

static int hostile_served_take_disable(void *opaque, unsigned int index)
{
	return hostile_served_check_irq(opaque, index, 0, 1);
}

static int hostile_served_let_in(void *opaque,
				 const struct lend_server_dma *dma)
{
	struct hostile_client *client = opaque;
	int err = hostile_served_result(client);

	if (!dma->size || dma->iova + (dma->size - 1) < dma->iova)
		stub_never("an impossible range");
	client->let_in += !err;
	return err;
}

static int hostile_served_let_out(void *opaque,
				  const struct lend_server_dma *dma)
{
	struct hostile_client *client = opaque;

	(void)dma;
	if (!client->let_in--)
		stub_never("memory that was not let in");
	return 0;
}

static int hostile_served_take_reset(void *opaque)
{
	return hostile_served_result(opaque);
}

static void hostile_served_take_leave(void *opaque)
{
	struct hostile_client *client = opaque;

	if (client->let_in || client->maps)
		stub_never("memory of a client that has left");
}

static struct hostile_client hostile_client_new(const uint8_t *data,
						size_t size)
{
	/* A header, and the version 0.0. */
	static const uint8_t version[20] = {[2] = USER_VERSION, [4] = 20};
	struct hostile_client client = {
		.kernel = *kernel_real(),
		.input = {data, size},
		.version_left = sizeof(version),
	};

	client.kernel.accept = hostile_client_accept;
	client.kernel.close = hostile_client_close;
	client.kernel.send = hostile_client_send;
	client.kernel.receive = hostile_client_receive;
	client.kernel.seals = hostile_client_seals;
	client.kernel.fstat = hostile_client_fstat;
	client.kernel.map = hostile_client_map;
	client.kernel.unmap = hostile_client_unmap;
	memcpy(client.version, version, sizeof(version));
	/* Sometimes the version is the input's too. */
	if (input_take(&client.input, 1) == 1)
		client.version_left = 0;
	return client;
}

static int hostile_client_serve(struct lend_ctx *ctx,
				struct hostile_client *client,
				struct lend_server **server)
{
	static const struct lend_server_ops ops = {
		.size = sizeof(ops),
		.region_read = hostile_served_take_read,
		.region_write = hostile_served_take_write,
		.irq_set = hostile_served_take_irqs,
		.irq_unmask_fd = hostile_served_take_unmask,
		.irq_act = hostile_served_take_action,
		.irq_disable = hostile_served_take_disable,
		.dma_map = hostile_served_let_in,
		.dma_unmap = hostile_served_let_out,
		.reset = hostile_served_take_reset,
		.left = hostile_served_take_leave,
	};
	static const struct lend_server_region region = {
		.size = REGION,
		.flags = LEND_REGION_READ | LEND_REGION_WRITE,
		.fd = -1};
	static const struct lend_server_irq irq = {IRQS, LEND_IRQ_EVENTFD};
	const struct lend_server_options options = {
		.size = sizeof(options),
		.name = "device",
		.regions = &region,
		.irqs = &irq,
		.region_count = 1,
		.irq_count = 1,
		.fd = SOCKET - 1,
		.type = LEND_DEVICE_PCI,
		.can_reset = true,
	};

	return lend_server_new(ctx, &options, &ops, client, server);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hostile_client client = hostile_client_new(data, size);
	struct pollfd fds[LEND_SERVER_POLL];
	struct lend_server *server = NULL;
	struct lend_ctx *ctx = NULL;
	int timeout;

	if (ctx_new(NULL, &client.kernel, &ctx) ||
	    hostile_client_serve(ctx, &client, &server)) {
		lend_ctx_unref(ctx);
		return 0;
	}
	for (unsigned int i = 0; i < TURNS; i++) {
		lend_server_poll(server, fds, &timeout);
		fds[0].revents = fds[1].revents = POLLIN;
		if (lend_server_handle(server, fds) ||
		    (client.has_come && !lend_server_has_client(server)))
			break;
	}
	lend_server_free(server);
	lend_ctx_unref(ctx);
	if (client.descriptors || client.maps || client.let_in)
		stub_never("something of the client is left");
	return 0;
}
