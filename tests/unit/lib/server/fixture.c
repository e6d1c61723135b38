// SPDX-License-Identifier: MIT
// A server of a device that notes what it is asked for, and a client.

#include <sys/mman.h>

#include "fixture.h"
#include "lib/server/server.h"

static int asked_note(struct server_test *test, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int asked_note(struct server_test *test, const char *fmt, ...)
{
	size_t used = strlen(test->done);
	int err = test->err;
	va_list args;

	va_start(args, fmt);
	vsnprintf(test->done + used, sizeof(test->done) - used, fmt, args);
	va_end(args);
	test->err = 0;
	return err;
}

static int asked_read(void *opaque, unsigned int index, uint64_t offset,
		      void *data, size_t size)
{
	struct server_test *test = opaque;
	int err = asked_note(test, "read %u,%u,%zu;", index,
			     (unsigned int)offset, size);

	if (!err)
		memcpy(data, test->bytes + offset, size);
	return err;
}

static int asked_write(void *opaque, unsigned int index, uint64_t offset,
		       const void *data, size_t size)
{
	struct server_test *test = opaque;
	int err = asked_note(test, "write %u,%u,%zu;", index,
			     (unsigned int)offset, size);

	if (!err)
		memcpy(test->bytes + offset, data, size);
	return err;
}

static int asked_irq_set(void *opaque, unsigned int index, unsigned int start,
			 unsigned int count, const int *fds)
{
	unsigned int given = 0;

	for (unsigned int i = 0; i < count; i++)
		given += fds[i] >= 0;
	return asked_note(opaque, "irq %u,%u+%u,%u;", index, start, count,
			  given);
}

static int asked_irq_unmask_fd(void *opaque, unsigned int index,
			       unsigned int start, int fd)
{
	return asked_note(opaque, "unmask fd %u,%u,%d;", index, start, fd >= 0);
}

static int asked_irq_act(void *opaque, unsigned int index, unsigned int start,
			 enum lend_server_irq_action action)
{
	static const char *const names[] = {"mask", "unmask", "trigger"};

	return asked_note(opaque, "%s %u,%u;", names[action], index, start);
}

static int asked_irq_disable(void *opaque, unsigned int index)
{
	return asked_note(opaque, "disable %u;", index);
}

static int asked_dma_map(void *opaque, const struct lend_server_dma *dma)
{
	struct server_test *test = opaque;
	int err = asked_note(test, "map %x+%x,%u%s;", (unsigned int)dma->iova,
			     (unsigned int)dma->size, dma->flags,
			     dma->vaddr ? "" : ",none");

	test->mapped += !err;
	return err;
}

static int asked_dma_unmap(void *opaque, const struct lend_server_dma *dma)
{
	struct server_test *test = opaque;
	int err;

	if (test->err_at_unmap)
		test->err = test->err_at_unmap;
	err = asked_note(test, "unmap %x;", (unsigned int)dma->iova);

	assert_int_equal(dma->fd, -1);
	test->mapped -= !err;
	return err;
}

static int asked_reset(void *opaque)
{
	return asked_note(opaque, "reset;");
}

static void asked_left(void *opaque)
{
	asked_note(opaque, "left;");
}

static void server_keep_message(void *opaque, enum lend_log_level level,
				const char *text)
{
	struct server_test *test = opaque;

	if (level == LEND_LOG_WARNING)
		snprintf(test->warning, sizeof(test->warning), "%s", text);
}

static int server_test_new(struct server_test *test)
{
	static const struct lend_server_ops ops = {
		.size = sizeof(ops),
		.region_read = asked_read,
		.region_write = asked_write,
		.irq_set = asked_irq_set,
		.irq_unmask_fd = asked_irq_unmask_fd,
		.irq_act = asked_irq_act,
		.irq_disable = asked_irq_disable,
		.dma_map = asked_dma_map,
		.dma_unmap = asked_dma_unmap,
		.reset = asked_reset,
		.left = asked_left,
	};
	static const struct lend_area area = {PAGE, PAGE};
	const struct lend_server_region regions[] = {
		{.size = 2 * PAGE,
		 .offset = 7 * PAGE,
		 .areas = &area,
		 .area_count = 1,
		 .flags = LEND_REGION_READ | LEND_REGION_WRITE |
			  LEND_REGION_MMAP,
		 .fd = test->file},
		{.fd = -1},
		{.size = 16, .flags = LEND_REGION_READ, .fd = -1},
		{.size = 16, .flags = LEND_REGION_WRITE, .fd = -1},
	};
	const struct lend_server_irq irqs[] = {
		{1, LEND_IRQ_EVENTFD | LEND_IRQ_MASKABLE | LEND_IRQ_AUTOMASKED},
		{40, LEND_IRQ_EVENTFD | LEND_IRQ_NORESIZE},
		{0, 0},
	};
	const struct lend_server_options options = {
		.size = sizeof(options),
		.name = "device",
		.regions = regions,
		.irqs = irqs,
		.region_count = 4,
		.irq_count = 3,
		.fd = test->listening,
		.type = LEND_DEVICE_PCI,
		.can_reset = true,
	};

	return lend_server_new(test->ctx, &options, &ops, test, &test->server);
}

int server_setup(void **state)
{
	static struct server_test test;

	test = (struct server_test){.fake = fake_kernel_new(), .client = -1};
	*state = &test;
	if (!test.fake || fake_ctx_new(test.fake, &test.ctx))
		return -1;
	test.ctx->log = server_keep_message;
	test.ctx->log_opaque = &test;
	test.file = memfd_create("region", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	test.listening = fake_fd_give(test.fake, peer_listen());
	return test.listening < 0 ? -1 : server_test_new(&test);
}

int server_setup_agreed(void **state)
{
	int err = server_setup(state);

	if (err)
		return err;
	user_client_connect(*state);
	user_client_agree(*state);
	return 0;
}

int server_teardown(void **state)
{
	struct server_test *test = *state;
	char why[128] = "";
	bool idle;

	lend_server_free(test->server);
	if (test->client >= 0)
		close(test->client);
	close(test->file);
	lend_ctx_unref(test->ctx);
	idle = fake_is_idle(test->fake, why, sizeof(why)) && !test->mapped;
	fake_kernel_free(test->fake);
	if (!idle)
		print_error("left over: %s, %u mappings\n", why, test->mapped);
	return idle ? 0 : -1;
}

/* Returns 0, or what lend_server_handle() returned; -EAGAIN if there was
 * nothing to do. */
static int server_turn(struct server_test *test)
{
	struct pollfd fds[LEND_SERVER_POLL];
	unsigned int count;
	int timeout;

	count = lend_server_poll(test->server, fds, &timeout);
	if (!poll(fds, count, 0) && timeout)
		return -EAGAIN;
	return lend_server_handle(test->server, fds);
}

void server_run(struct server_test *test)
{
	int err = 0;

	/* Enough for whatever a test has sent: each turn does more. */
	for (unsigned int i = 0; i < 64 && !err; i++)
		err = server_turn(test);
	assert_true(!err || err == -EAGAIN);
}

int server_run_failing(struct server_test *test)
{
	int err = 0;

	for (unsigned int i = 0; i < 4 && !err; i++)
		err = server_turn(test);
	return err;
}

void server_skip_time(struct server_test *test)
{
	test->server->deadline = 1;
}

void user_client_connect(struct server_test *test)
{
	test->client = peer_connect(test->listening);
	assert_true(test->client >= 0);
	server_run(test);
	assert_true(lend_server_has_client(test->server));
}

void user_client_leave(struct server_test *test)
{
	close(test->client);
	test->client = -1;
	server_run(test);
	assert_false(lend_server_has_client(test->server));
}

int user_client_ask(struct server_test *test, uint16_t command,
		    const void *payload, size_t size, const int *fds,
		    unsigned int count)
{
	const struct user_header *header = &test->reply.header;

	assert_true(peer_send(test->client, command, USER_COMMAND, payload,
			      size, fds, count));
	server_run(test);
	if (!peer_receive(test->client, &test->reply))
		fail_msg("command %u has no reply: %s", command, test->warning);
	assert_int_equal(header->id, (uint16_t)(command * 3));
	assert_int_equal(header->command, command);
	assert_int_equal(header->flags & USER_TYPE_MASK, USER_REPLY);
	assert_int_equal(!!(header->flags & USER_ERROR), !!header->err);
	if (header->err)
		assert_int_equal(test->reply.size, 0);
	return (int)header->err;
}

void user_client_agree(struct server_test *test)
{
	static const char version[] =
		"\0\0\0\0{\"capabilities\":{\"max_msg_fds\":8}}";

	assert_int_equal(CLIENT_ASK(test, USER_VERSION, version), 0);
}

void assert_done(struct server_test *test, const char *done)
{
	assert_string_equal(test->done, done);
	test->done[0] = '\0';
}
