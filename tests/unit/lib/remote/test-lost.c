// SPDX-License-Identifier: MIT
// A server that is lost takes its device along: it reads as all ones, and the
// program is notified once.

#include <lend/fault.h>

#include "tests/unit/lib/remote/script.h"

static uint64_t lost_count(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

/* An eventfd for errors, watched through the device. */
static int lost_watch(struct remote_test *test)
{
	int fd = kernel_real()->eventfd(NULL);

	assert_true(fd >= 0);
	assert_int_equal(
		lend_irq_set(test->device, LEND_PCI_IRQ_ERR, 0, 1, &fd), 0);
	return fd;
}

static void assert_lost(struct remote_test *test, const char *why)
{
	uint8_t bytes[4] = {0};

	assert_true(lend_device_is_lost(test->device));
	assert_int_equal(lend_region_read(test->device, 0, 0, bytes, 4), 0);
	assert_memory_equal(bytes, "\xff\xff\xff\xff", 4);
	assert_int_equal(lend_region_write(test->device, 0, 0, bytes, 4), 0);
	assert_int_equal(lend_device_reset(test->device), -ENODEV);
	assert_int_equal(lend_irq_disable(test->device, 0), 0);
	assert_int_equal(lend_irq_mask(test->device, 0, 0), -ENODEV);
	assert_int_equal(test->warnings, 1);
	assert_non_null(strstr(test->warning, why));
	assert_int_equal(lend_device_fault(test->device), -EIO);
	assert_non_null(strstr(lend_ctx_error(test->ctx)->what, why));
}

static void a_server_that_leaves_is_reported_once(void **state)
{
	struct remote_test *test = *state;
	int fd = lost_watch(test);

	assert_int_equal(lend_device_serve(test->device), 0);
	assert_int_equal(lost_count(fd), 0);
	lend_server_disconnect(test->server->server);
	test->is_silent = true;
	assert_int_equal(lend_device_serve(test->device), -ECONNRESET);
	assert_int_equal(lost_count(fd), 1);
	assert_lost(test, "closed the connection");
	assert_int_equal(lend_device_serve(test->device), -ECONNRESET);
	assert_int_equal(lost_count(fd), 0);
	close(fd);
}

static void an_access_finds_that_the_server_has_left(void **state)
{
	struct remote_test *test = *state;
	int fd = lost_watch(test);
	uint32_t value = 0;

	lend_server_disconnect(test->server->server);
	assert_int_equal(lend_region_read(test->device, 0, 0, &value, 4), 0);
	assert_int_equal(value, UINT32_MAX);
	assert_int_equal(lost_count(fd), 1);
	assert_lost(test, "closed the connection");
	close(fd);
}

static void a_silent_server_is_lost(void **state)
{
	struct remote_test *test = *state;
	int fd = lost_watch(test);
	uint32_t value = 0;

	remote_be_impatient(test);
	test->is_silent = true;
	assert_int_equal(lend_region_read(test->device, 0, 0, &value, 4), 0);
	assert_int_equal(value, UINT32_MAX);
	assert_int_equal(lost_count(fd), 1);
	assert_lost(test, "did not answer in time");
	/* The server is free for another client. */
	server_run(test->server);
	assert_false(lend_server_has_client(test->server->server));
	close(fd);
}

/* No time passes while it talks. */
static void a_server_that_never_ends_is_lost(void **state)
{
	const struct script_message request = {
		.header = {1, USER_DMA_READ, 16, USER_NO_REPLY, 0}};
	struct remote_test *test = *state;
	struct script script = script_new();
	uint32_t value = 0;

	test->device = lend_device_unref(test->device);
	assert_int_equal(script_open(&script, test), 0);
	remote_be_impatient(test);
	for (unsigned int i = 0; i < 200; i++)
		script_send(&script, &request);
	test->is_silent = true;
	assert_int_equal(lend_region_read(test->device, 0, 0, &value, 4), 0);
	assert_int_equal(value, UINT32_MAX);
	assert_true(lend_device_is_lost(test->device));
	script_end(&script);
}

static void an_eventfd_that_was_taken_back_stays_silent(void **state)
{
	struct remote_test *test = *state;
	int fd = lost_watch(test);

	assert_int_equal(lend_irq_disable(test->device, LEND_PCI_IRQ_ERR), 0);
	lend_server_disconnect(test->server->server);
	assert_int_equal(lend_device_serve(test->device), -ECONNRESET);
	assert_int_equal(lost_count(fd), 0);
	close(fd);
}

static void memory_is_taken_from_a_lost_device(void **state)
{
	static char page[PAGE] __attribute__((aligned(PAGE)));
	struct remote_test *test = *state;

	assert_int_equal(
		lend_iommu_map(test->iommu, 0, page, PAGE, LEND_DMA_READ), 0);
	lend_server_disconnect(test->server->server);
	lend_device_serve(test->device);
	assert_int_equal(
		lend_iommu_map(test->iommu, PAGE, page, PAGE, LEND_DMA_READ),
		-ENODEV);
	assert_int_equal(lend_iommu_unmap(test->iommu, 0, PAGE), 0);
	assert_int_equal(lend_iommu_mapped(test->iommu), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(a_server_that_leaves_is_reported_once),
		TEST_OPEN(an_access_finds_that_the_server_has_left),
		TEST_OPEN(a_silent_server_is_lost),
		TEST_OPEN(a_server_that_never_ends_is_lost),
		TEST_OPEN(an_eventfd_that_was_taken_back_stays_silent),
		TEST_OPEN(memory_is_taken_from_a_lost_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
