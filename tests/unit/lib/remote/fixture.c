// SPDX-License-Identifier: MIT
// A device behind a socket whose server runs while the client waits.

#include <fcntl.h>

#include "tests/unit/lib/remote/fixture.h"

/* Of the one test that runs. */
static struct remote_test *remote_running;

/* Waiting for the server has it run, in this thread. */
static int remote_poll(const struct kernel *k, struct pollfd *fds,
		       unsigned int count, int milliseconds)
{
	(void)k;
	if (!remote_running->is_silent)
		server_run(remote_running->server);
	return kernel_real()->poll(
		NULL, fds, count, remote_running->is_silent ? milliseconds : 0);
}

static void remote_keep_message(void *opaque, enum lend_log_level level,
				const char *text)
{
	struct remote_test *test = opaque;

	if (level != LEND_LOG_WARNING)
		return;
	snprintf(test->warning, sizeof(test->warning), "%s", text);
	test->warnings++;
}

int remote_setup(void **state)
{
	static struct remote_test test;
	void *server = NULL;

	if (server_setup(&server))
		return -1;
	test = (struct remote_test){
		.server = server,
		.fake = fake_kernel_new(),
	};
	*state = remote_running = &test;
	if (!test.fake || fake_ctx_new(test.fake, &test.ctx))
		return -1;
	test.fake->kernel.poll = remote_poll;
	test.ctx->log = remote_keep_message;
	test.ctx->log_opaque = &test;
	return lend_iommu_new(test.ctx, NULL, &test.iommu);
}

int remote_open(struct remote_test *test)
{
	int fd = peer_connect(test->server->listening);
	int err;

	assert_true(fd >= 0);
	fake_fd_give(test->fake, fd);
	err = lend_device_open_socket(test->iommu, fd, "net0", NULL,
				      &test->device);
	if (err)
		test->fake->kernel.close(&test->fake->kernel, fd);
	return err;
}

int remote_setup_open(void **state)
{
	struct remote_test *test;
	int err = remote_setup(state);

	if (err)
		return err;
	test = *state;
	err = remote_open(test);
	test->server->done[0] = '\0';
	test->warnings = 0;
	return err;
}

int remote_teardown(void **state)
{
	struct remote_test *test = *state;
	void *server = test->server;
	char why[128] = "";
	bool idle;

	lend_device_unref(test->device);
	lend_iommu_unref(test->iommu);
	lend_ctx_unref(test->ctx);
	idle = fake_is_idle(test->fake, why, sizeof(why));
	fake_kernel_free(test->fake);
	if (!idle)
		print_error("left over: %s\n", why);
	server_run(test->server);
	return server_teardown(&server) || !idle ? -1 : 0;
}

void remote_make_file(struct remote_test *test, size_t size, int seals)
{
	assert_int_equal(ftruncate(test->server->file, (off_t)size), 0);
	assert_int_equal(fcntl(test->server->file, F_ADD_SEALS, seals), 0);
}

void remote_be_impatient(struct remote_test *test)
{
	test->device->attachment.remote->patience = 1;
}

void remote_assert_done(struct remote_test *test, const char *done)
{
	server_run(test->server);
	assert_done(test->server, done);
}
