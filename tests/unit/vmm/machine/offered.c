// SPDX-License-Identifier: MIT
// A PCI function behind a server of vfio-user, which runs in a thread and ends
// in any way that a test wants.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <lend/lend.h>

#include "faults.h"
#include "lib/device/device.h"
#include "lib/remote/remote.h"
#include "lib/server/server.h"
#include "offered.h"

#define PATIENCE 60 /* seconds that the thread may take for an order */

enum offered_order {
	OFFERED_DIE,
	OFFERED_FALL_SILENT,
	OFFERED_ANSWER_LATE,
	OFFERED_SEND_GARBAGE,
	OFFERED_LOOK,
	OFFERED_END,
};

struct offered {
	struct lend_ctx *ctx;
	struct lend_function *function;
	struct lend_server *server; /* NULL: dead */
	int file;                   /* of BAR 1 */
	bool is_silent, is_over;
	bool has_client;
	atomic_uint accesses;
	atomic_int order; /* enum offered_order */
	int ordered;      /* eventfd */
	sem_t done;
	pthread_t thread;
};

static int offered_read(void *opaque, unsigned int index, uint64_t offset,
			void *data, size_t size)
{
	const uint32_t value = OFFERED_VALUE;
	struct offered *offered = opaque;

	if (index == LEND_PCI_REGION_CONFIG) {
		lend_function_config_read(offered->function, offset, data,
					  size);
		return 0;
	}
	offered->accesses++;
	memcpy(data, &value, size < sizeof(value) ? size : sizeof(value));
	return 0;
}

static int offered_write(void *opaque, unsigned int index, uint64_t offset,
			 const void *data, size_t size)
{
	struct offered *offered = opaque;

	if (index != LEND_PCI_REGION_CONFIG)
		offered->accesses++;
	else if (lend_function_config_write(offered->function, offset, data,
					    size))
		lend_function_reset(offered->function);
	return 0;
}

static int offered_irq_set(void *opaque, unsigned int index, unsigned int start,
			   unsigned int count, const int *fds)
{
	struct offered *offered = opaque;

	return lend_function_irq_set(offered->function, index, start, count,
				     fds);
}

static int offered_irq_unmask_fd(void *opaque, unsigned int index,
				 unsigned int start, int fd)
{
	struct offered *offered = opaque;

	return lend_function_irq_unmask_fd(offered->function, index, start, fd);
}

static int offered_irq_act(void *opaque, unsigned int index, unsigned int start,
			   enum lend_server_irq_action action)
{
	struct offered *offered = opaque;

	return lend_function_irq_act(offered->function, index, start, action);
}

static int offered_irq_disable(void *opaque, unsigned int index)
{
	struct offered *offered = opaque;

	return lend_function_irq_disable(offered->function, index);
}

static int offered_dma(void *opaque, const struct lend_server_dma *dma)
{
	(void)opaque;
	(void)dma;
	return 0;
}

static int offered_reset(void *opaque)
{
	struct offered *offered = opaque;

	lend_function_reset(offered->function);
	return 0;
}

static void offered_left(void *opaque)
{
	(void)opaque;
}

static const struct lend_server_ops offered_ops = {
	.size = sizeof(offered_ops),
	.region_read = offered_read,
	.region_write = offered_write,
	.irq_set = offered_irq_set,
	.irq_unmask_fd = offered_irq_unmask_fd,
	.irq_act = offered_irq_act,
	.irq_disable = offered_irq_disable,
	.dma_map = offered_dma,
	.dma_unmap = offered_dma,
	.reset = offered_reset,
	.left = offered_left,
};

static int offered_listen(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	if (fd >= 0 &&
	    (bind(fd, (const struct sockaddr *)&address, sizeof(address)) ||
	     listen(fd, 1))) {
		close(fd);
		return -1;
	}
	return fd;
}

static int offered_new(struct offered *offered, int listening)
{
	static const struct lend_function_options function = {
		.size = sizeof(function),
		.bars = {{OFFERED_PORTS, LEND_FUNCTION_BAR_IO, 0},
			 {OFFERED_MEMORY, 0, 0}},
		.vendor = OFFERED_ID & 0xffff,
		.device = OFFERED_ID >> 16,
		.class_code = 0xff0000,
		.intx = true,
	};
	struct lend_server_region regions[LEND_FUNCTION_REGIONS];
	struct lend_server_irq irqs[LEND_FUNCTION_IRQS];
	const struct lend_server_options options = {
		.size = sizeof(options),
		.name = "offered",
		.regions = regions,
		.irqs = irqs,
		.region_count = LEND_FUNCTION_REGIONS,
		.irq_count = LEND_FUNCTION_IRQS,
		.fd = listening,
		.type = LEND_DEVICE_PCI,
		.can_reset = true,
	};

	if (lend_function_new(offered->ctx, &function, &offered->function))
		return -1;
	lend_function_fill(offered->function, regions, irqs);
	regions[1].flags |= LEND_REGION_MMAP;
	regions[1].fd = offered->file;
	return lend_server_new(offered->ctx, &options, &offered_ops, offered,
			       &offered->server);
}

static void offered_obey(struct offered *offered)
{
	static const char garbage[] = "this is no message of vfio-user at all";

	switch ((enum offered_order)offered->order) {
	case OFFERED_DIE:
		lend_server_free(offered->server);
		offered->server = NULL;
		break;
	case OFFERED_FALL_SILENT:
	case OFFERED_ANSWER_LATE:
		offered->is_silent = offered->order == OFFERED_FALL_SILENT;
		break;
	case OFFERED_SEND_GARBAGE:
		if (send(offered->server->channel.fd, garbage, sizeof(garbage),
			 MSG_NOSIGNAL) != sizeof(garbage))
			abort();
		break;
	case OFFERED_LOOK:
		offered->has_client = offered->server &&
				      lend_server_has_client(offered->server);
		break;
	case OFFERED_END:
		offered->is_over = true;
		break;
	}
}

static void *offered_run(void *opaque)
{
	struct offered *offered = opaque;
	struct pollfd fds[1 + LEND_SERVER_POLL] = {
		{offered->ordered, POLLIN, 0}};
	unsigned int count;
	uint64_t orders;
	int timeout;

	faults_enter();
	while (!offered->is_over) {
		timeout = -1;
		count = offered->server && !offered->is_silent
				? lend_server_poll(offered->server, fds + 1,
						   &timeout)
				: 0;
		if (poll(fds, 1 + count, timeout) < 0 && errno != EINTR)
			abort();
		if (count && lend_server_handle(offered->server, fds + 1))
			abort();
		if (read(offered->ordered, &orders, sizeof(orders)) < 0)
			continue;
		offered_obey(offered);
		sem_post(&offered->done);
	}
	faults_leave();
	return NULL;
}

/* The machine's signals are for the threads that block them. */
static int offered_start(struct offered *offered)
{
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&offered->thread, NULL, offered_run, offered);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return err;
}

struct offered *offered_open(const struct offered_options *options)
{
	struct offered *offered = calloc(1, sizeof(*offered));
	int listening = offered_listen(options->path);

	if (!offered || listening < 0 || lend_ctx_new(NULL, &offered->ctx))
		abort();
	offered->order = OFFERED_LOOK;
	sem_init(&offered->done, 0, 0);
	offered->ordered = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	offered->file = memfd_create("bar", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (offered->ordered < 0 || ftruncate(offered->file, OFFERED_MEMORY) ||
	    fcntl(offered->file, F_ADD_SEALS, options->seals) ||
	    offered_new(offered, listening) || offered_start(offered))
		abort();
	return offered;
}

static void offered_order(struct offered *offered, enum offered_order order)
{
	const uint64_t one = 1;
	struct timespec until;

	faults_enter();
	offered->order = order;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	if (write(offered->ordered, &one, sizeof(one)) < 0)
		abort();
	while (sem_timedwait(&offered->done, &until))
		if (errno != EINTR)
			abort();
	faults_leave();
}

void offered_die(struct offered *offered)
{
	offered_order(offered, OFFERED_DIE);
}

void offered_fall_silent(struct offered *offered)
{
	offered_order(offered, OFFERED_FALL_SILENT);
}

void offered_answer_late(struct offered *offered)
{
	offered_order(offered, OFFERED_ANSWER_LATE);
}

void offered_send_garbage(struct offered *offered)
{
	offered_order(offered, OFFERED_SEND_GARBAGE);
}

bool offered_shrink(struct offered *offered)
{
	return !ftruncate(offered->file, 0);
}

void offered_be_impatient(struct lend_device *device)
{
	device->attachment.remote->patience = 1;
}

bool offered_has_client(struct offered *offered)
{
	offered_order(offered, OFFERED_LOOK);
	return offered->has_client;
}

unsigned int offered_accesses(const struct offered *offered)
{
	return offered->accesses;
}

void offered_close(struct offered *offered)
{
	if (!offered)
		return;
	offered_order(offered, OFFERED_END);
	pthread_join(offered->thread, NULL);
	lend_server_free(offered->server);
	lend_function_free(offered->function);
	lend_ctx_unref(offered->ctx);
	sem_destroy(&offered->done);
	close(offered->ordered);
	close(offered->file);
	free(offered);
}
