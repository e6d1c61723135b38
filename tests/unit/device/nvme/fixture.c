// SPDX-License-Identifier: MIT
// A controller on a file, and a driver of it at the other end of a socket.

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <linux/vfio.h>

#include "fixture.h"

#define BOUND_MS 10000

static void nvme_keep_message(void *opaque, enum lend_log_level level,
			      const char *text)
{
	struct nvme_test *test = opaque;

	if (level == LEND_LOG_WARNING)
		snprintf(test->warning, sizeof(test->warning), "%s", text);
}

static void server_turns(struct nvme_test *test)
{
	struct lend_server *server = nvme_server(test->nvme);
	struct pollfd fds[LEND_SERVER_POLL];
	int timeout;

	for (unsigned int i = 0; i < 64; i++) {
		unsigned int count = lend_server_poll(server, fds, &timeout);

		if (!poll(fds, count, 0))
			break;
		assert_int_equal(lend_server_handle(server, fds), 0);
	}
}

void driver_run(struct nvme_test *test)
{
	server_turns(test);
	while (!test->has_threads && nvme_step(test->nvme))
		;
}

int nvme_ask(struct nvme_test *test, uint16_t command, const void *payload,
	     size_t size, const int *fds, unsigned int count)
{
	assert_true(
		peer_send(test->client, command, 0, payload, size, fds, count));
	server_turns(test);
	if (!peer_receive(test->client, &test->reply))
		fail_msg("command %u has no reply: %s", command, test->warning);
	driver_run(test);
	return (int)test->reply.header.err;
}

static uint64_t region_get(struct nvme_test *test, unsigned int region,
			   unsigned int at, unsigned int size)
{
	const struct user_region_access access = {at, region, size};
	uint64_t value = 0;

	assert_int_equal(nvme_ask(test, USER_REGION_READ, &access,
				  sizeof(access), NULL, 0),
			 0);
	memcpy(&value, test->reply.payload + sizeof(access), size);
	return value;
}

static void region_put(struct nvme_test *test, unsigned int region,
		       unsigned int at, unsigned int size, uint64_t value)
{
	struct {
		struct user_region_access access;
		uint64_t value;
	} write = {{at, region, size}, value};

	assert_int_equal(nvme_ask(test, USER_REGION_WRITE, &write,
				  sizeof(write.access) + size, NULL, 0),
			 0);
}

uint64_t nvme_get(struct nvme_test *test, unsigned int at, unsigned int size)
{
	return region_get(test, 0, at, size);
}

void nvme_put(struct nvme_test *test, unsigned int at, unsigned int size,
	      uint64_t value)
{
	region_put(test, 0, at, size, value);
}

void nvme_put_command_register(struct nvme_test *test, uint16_t value)
{
	region_put(test, LEND_PCI_REGION_CONFIG, 4, 2, value);
}

int nvme_map(struct nvme_test *test)
{
	const struct user_dma_map map = {sizeof(map), 3, 0, RAM, RAM};

	return nvme_ask(test, USER_DMA_MAP, &map, sizeof(map), &test->ram_fd,
			1);
}

int nvme_unmap(struct nvme_test *test)
{
	const struct user_dma_unmap unmap = {sizeof(unmap), 0, RAM, RAM};

	return nvme_ask(test, USER_DMA_UNMAP, &unmap, sizeof(unmap), NULL, 0);
}

void nvme_leave(struct nvme_test *test)
{
	close(test->client);
	driver_run(test);
	assert_false(lend_server_has_client(nvme_server(test->nvme)));
}

void nvme_come_back(struct nvme_test *test)
{
	static const char version[] = "\0\0\0\0{}";
	const struct {
		struct user_irq_set set;
	} irqs = {{sizeof(irqs),
		   VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		   test->messages, 0, 2}};

	test->client = peer_connect(test->listening);
	assert_int_equal(
		nvme_ask(test, USER_VERSION, version, sizeof(version), NULL, 0),
		0);
	assert_int_equal(nvme_map(test), 0);
	assert_int_equal(nvme_ask(test, USER_DEVICE_SET_IRQS, &irqs,
				  sizeof(irqs), test->events, 2),
			 0);
	nvme_put_command_register(test, 6);
}

static int nvme_make_disk(struct nvme_test *test, bool is_read_only)
{
	const struct image_options options = {
		.path = test->path,
		.is_read_only = is_read_only,
	};
	uint8_t block[512];
	FILE *file;
	int fd;

	strcpy(test->path, "/tmp/lend-nvme-XXXXXX");
	fd = mkstemp(test->path);
	file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file)
		return -1;
	for (unsigned int i = 0; i < BLOCKS; i++) {
		memset(block, (int)i, sizeof(block));
		fwrite(block, sizeof(block), 1, file);
	}
	return fclose(file) ? -1
			    : image_open(&test->image, test->ctx, &options);
}

static int nvme_setup_with(void **state, bool is_read_only, bool has_msix)
{
	static struct nvme_test test;
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = nvme_keep_message,
		.log_opaque = &test,
	};
	struct nvme_options nvme = {
		.name = "disk",
		.image = &test.image,
		.has_no_msix = !has_msix,
	};

	test = (struct nvme_test){
		.listening = peer_listen(),
		.messages = has_msix ? LEND_PCI_IRQ_MSIX : LEND_PCI_IRQ_MSI,
	};
	*state = &test;
	nvme.fd = test.listening;
	if (lend_ctx_new(&options, &test.ctx) ||
	    nvme_make_disk(&test, is_read_only) ||
	    nvme_new(test.ctx, &nvme, &test.nvme))
		return -1;
	test.ram_fd = memfd_create("ram", MFD_CLOEXEC);
	if (ftruncate(test.ram_fd, (off_t)RAM))
		return -1;
	test.ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE, MAP_SHARED,
			test.ram_fd, 0);
	for (unsigned int i = 0; i < 2; i++)
		test.events[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	nvme_come_back(&test);
	return 0;
}

int nvme_setup(void **state)
{
	return nvme_setup_with(state, false, true);
}

static int nvme_setup_on_with(void **state, bool is_read_only, bool has_msix)
{
	int err = nvme_setup_with(state, is_read_only, has_msix);

	if (err)
		return err;
	nvme_enable(*state);
	nvme_make_pair(*state);
	return 0;
}

int nvme_setup_on(void **state)
{
	return nvme_setup_on_with(state, false, true);
}

int nvme_setup_read_only(void **state)
{
	return nvme_setup_on_with(state, true, true);
}

int nvme_setup_no_msix(void **state)
{
	return nvme_setup_on_with(state, false, false);
}

int nvme_teardown(void **state)
{
	struct nvme_test *test = *state;

	nvme_free(test->nvme);
	image_close(&test->image);
	lend_ctx_unref(test->ctx);
	close(test->client);
	close(test->ram_fd);
	munmap(test->ram, RAM);
	close(test->events[0]);
	close(test->events[1]);
	return unlink(test->path);
}

void nvme_enable(struct nvme_test *test)
{
	memset(test->ram, 0, 6 * NVME_PAGE);
	test->tail[0] = test->head[0] = 0;
	test->phase[0] = true;
	nvme_put(test, NVME_AQA, 4, (ENTRIES - 1) << 16 | (ENTRIES - 1));
	nvme_put(test, NVME_ASQ, 8, AT(PAGE_ASQ));
	nvme_put(test, NVME_ACQ, 8, AT(PAGE_ACQ));
	nvme_put(test, NVME_CC, 4, 0x00460001);
	assert_int_equal(nvme_get(test, NVME_CSTS, 4), NVME_CSTS_RDY);
}

void nvme_make_pair(struct nvme_test *test)
{
	const struct nvme_command cq = {
		.opcode = NVME_CREATE_CQ,
		.prp1 = AT(PAGE_CQ),
		.dword10 = (ENTRIES - 1) << 16 | 1,
		.dword11 = 1 << 16 | 3,
	};
	const struct nvme_command sq = {
		.opcode = NVME_CREATE_SQ,
		.prp1 = AT(PAGE_SQ),
		.dword10 = (ENTRIES - 1) << 16 | 1,
		.dword11 = 1 << 16 | 1,
	};

	test->tail[1] = test->head[1] = 0;
	test->phase[1] = true;
	assert_int_equal(nvme_do(test, 0, &cq), NVME_OK);
	assert_int_equal(nvme_do(test, 0, &sq), NVME_OK);
}

void driver_ring(struct nvme_test *test, unsigned int queue, bool is_cq,
		 uint32_t value)
{
	nvme_put(test, NVME_DOORBELLS + queue * 8 + is_cq * 4, 4, value);
}

uint16_t driver_submit(struct nvme_test *test, unsigned int queue,
		       const struct nvme_command *command)
{
	struct nvme_command copy = *command;

	copy.id = ++test->id;
	memcpy(test->ram + (queue ? PAGE_SQ : PAGE_ASQ) * NVME_PAGE +
		       test->tail[queue] * sizeof(copy),
	       &copy, sizeof(copy));
	test->tail[queue] = (test->tail[queue] + 1) % ENTRIES;
	driver_ring(test, queue, false, test->tail[queue]);
	return copy.id;
}

bool driver_take(struct nvme_test *test, unsigned int queue)
{
	memcpy(&test->last,
	       test->ram + (queue ? PAGE_CQ : PAGE_ACQ) * NVME_PAGE +
		       test->head[queue] * sizeof(test->last),
	       sizeof(test->last));
	if ((test->last.status & 1) != test->phase[queue])
		return false;
	assert_int_equal(test->last.queue, queue);
	if (++test->head[queue] == ENTRIES) {
		test->head[queue] = 0;
		test->phase[queue] = !test->phase[queue];
	}
	driver_ring(test, queue, true, test->head[queue]);
	return true;
}

unsigned int nvme_do(struct nvme_test *test, unsigned int queue,
		     const struct nvme_command *command)
{
	struct pollfd event = {.fd = test->events[queue], .events = POLLIN};
	uint16_t id = driver_submit(test, queue, command);
	eventfd_t count;

	/* The first may be of a command before. */
	do {
		if (!poll(&event, 1, test->has_threads ? BOUND_MS : 0))
			fail_msg("no interrupt: %s", test->warning);
		eventfd_read(event.fd, &count);
	} while (!driver_take(test, queue));
	assert_int_equal(test->last.id, id);
	return test->last.status >> 1 & 0x7ff;
}

unsigned int nvme_transfer(struct nvme_test *test, uint8_t opcode,
			   uint64_t first, uint32_t blocks, unsigned int page)
{
	const struct nvme_command command = {
		.opcode = opcode,
		.namespace = 1,
		.prp1 = AT(page),
		.prp2 = blocks > 8 ? AT(page + 1) : 0,
		.dword10 = (uint32_t)first,
		.dword11 = (uint32_t)(first >> 32),
		.dword12 = blocks - 1,
	};

	return nvme_do(test, 1, &command);
}
