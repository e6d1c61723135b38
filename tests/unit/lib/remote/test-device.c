// SPDX-License-Identifier: MIT
// A device behind a socket is used as any other: regions, interrupts, reset.

#include <fcntl.h>

#include "tests/unit/lib/remote/fixture.h"

static void remote_devices_are_described(void **state)
{
	struct remote_test *test = *state;
	const struct lend_region *region = lend_device_region(test->device, 0);

	assert_string_equal(lend_device_name(test->device), "net0");
	assert_int_equal(lend_device_type(test->device), LEND_DEVICE_PCI);
	assert_true(lend_device_can_reset(test->device));
	assert_int_equal(lend_device_region_count(test->device), 4);
	assert_int_equal(region->size, 2 * PAGE);
	assert_int_equal(lend_device_region(test->device, 1)->size, 0);
	assert_int_equal(lend_device_region(test->device, 2)->flags,
			 LEND_REGION_READ);
	assert_int_equal(lend_device_irq(test->device, 1)->count, 40);
	assert_int_equal(lend_device_irq(test->device, 1)->flags,
			 LEND_IRQ_EVENTFD | LEND_IRQ_NORESIZE);
	/* The server has three indices, and no errors. */
	assert_int_equal(lend_device_irq_count(test->device), 4);
	assert_int_equal(lend_device_irq(test->device, LEND_PCI_IRQ_ERR)->count,
			 1);
	assert_int_equal(lend_iommu_backend(test->iommu), LEND_BACKEND_USER);
	assert_string_equal(lend_iommu_backend_name(test->iommu), "vfio-user");
	assert_int_equal(lend_device_kvm_fd(test->device), -1);
}

static void regions_are_read_and_written(void **state)
{
	struct remote_test *test = *state;
	uint8_t bytes[8] = {0};

	memcpy(test->server->bytes + 16, "register", 8);
	assert_int_equal(lend_region_read(test->device, 0, 16, bytes, 8), 0);
	assert_memory_equal(bytes, "register", 8);
	remote_assert_done(test, "read 0,16,8;");
	assert_int_equal(lend_region_write(test->device, 0, 20, "TEST", 4), 0);
	/* What follows a write that was posted comes after it. */
	assert_int_equal(lend_region_read(test->device, 0, 16, bytes, 8), 0);
	assert_memory_equal(bytes, "regiTEST", 8);
	remote_assert_done(test, "write 0,20,4;read 0,16,8;");
	assert_int_equal(lend_region_read(test->device, 0, 2 * PAGE, bytes, 1),
			 -EINVAL);
	assert_int_equal(lend_region_read(test->device, 3, 0, bytes, 4),
			 -EINVAL);
	remote_assert_done(test, "");
	test->server->err = -EIO;
	assert_int_equal(lend_region_read(test->device, 2, 0, bytes, 4), -EIO);
	assert_false(lend_device_is_lost(test->device));
}

static void large_accesses_are_divided(void **state)
{
	struct remote_test *test = *state;
	uint8_t bytes[20], expected[20];

	test->device->attachment.remote->data_max = 8;
	for (unsigned int i = 0; i < sizeof(expected); i++)
		test->server->bytes[i] = expected[i] = (uint8_t)i;
	assert_int_equal(lend_region_read(test->device, 0, 0, bytes, 20), 0);
	assert_memory_equal(bytes, expected, 20);
	remote_assert_done(test, "read 0,0,8;read 0,8,8;read 0,16,4;");
	memset(bytes, 7, sizeof(bytes));
	assert_int_equal(lend_region_write(test->device, 0, 4, bytes, 20), 0);
	remote_assert_done(test, "write 0,4,8;write 0,12,8;write 0,20,4;");
	assert_memory_equal(test->server->bytes + 4, bytes, 20);
}

static void eventfds_go_to_the_server(void **state)
{
	struct remote_test *test = *state;
	int fds[40];

	for (unsigned int i = 0; i < 40; i++)
		fds[i] = test->server->file;
	assert_int_equal(lend_irq_set(test->device, 1, 2, 3, fds), 0);
	remote_assert_done(test, "irq 1,2+3,3;");
	/* No message has a hole. */
	fds[0] = fds[3] = -1;
	assert_int_equal(lend_irq_set(test->device, 1, 4, 5, fds), 0);
	remote_assert_done(test, "irq 1,4+5,0;irq 1,5+2,2;irq 1,8+1,1;");
	fds[0] = fds[3] = test->server->file;
	assert_int_equal(lend_irq_set(test->device, 1, 0, 20, fds), 0);
	remote_assert_done(test, "irq 1,0+16,0;irq 1,16+4,0;irq 1,0+16,16;"
				 "irq 1,16+4,4;");
	fds[0] = fds[1] = -1;
	assert_int_equal(lend_irq_set(test->device, 1, 0, 2, fds), 0);
	remote_assert_done(test, "irq 1,0+2,0;");
	assert_int_equal(lend_irq_unmask_fd(test->device, 0, 0, fds[2]), 0);
	assert_int_equal(lend_irq_mask(test->device, 0, 0), 0);
	assert_int_equal(lend_irq_unmask(test->device, 0, 0), 0);
	assert_int_equal(lend_irq_trigger(test->device, 0, 0), 0);
	assert_int_equal(lend_irq_disable(test->device, 1), 0);
	remote_assert_done(test, "unmask fd 0,0,1;mask 0,0;unmask 0,0;"
				 "trigger 0,0;disable 1;");
	test->server->err = -ENOSPC;
	assert_int_equal(lend_irq_set(test->device, 0, 0, 1, fds + 2), -ENOSPC);
}

static void devices_are_reset(void **state)
{
	struct remote_test *test = *state;

	assert_int_equal(lend_device_reset(test->device), 0);
	remote_assert_done(test, "reset;");
	test->server->err = -EIO;
	assert_int_equal(lend_device_reset(test->device), -EIO);
	remote_assert_done(test, "reset;");
	assert_int_equal(lend_device_hot_reset(test->device), -ENOTSUP);
	assert_false(lend_device_has_feature(test->device, 0, 0));
}

static void sealed_files_are_mapped(void **state)
{
	struct remote_test *test = *state;
	const struct lend_region *region;
	void *mapped;

	remote_make_file(test, 9 * PAGE, F_SEAL_SHRINK);
	assert_int_equal(remote_open(test), 0);
	region = lend_device_region(test->device, 0);
	assert_int_equal(region->area_count, 1);
	assert_int_equal(region->areas[0].offset, PAGE);
	assert_int_equal(region->areas[0].size, PAGE);
	assert_int_equal(lend_region_map(test->device, 0, PAGE, PAGE, &mapped),
			 0);
	memcpy(mapped, "guest", 6);
	test->server->bytes[0] = 0;
	assert_int_equal(
		pread(test->server->file, test->server->bytes, 6, 8 * PAGE), 6);
	assert_string_equal((char *)test->server->bytes, "guest");
	lend_region_unmap(test->device, mapped, PAGE);
}

static void other_files_are_not_mapped(void **state)
{
	struct remote_test *test = *state;
	static const struct {
		size_t size;
		int seals;
		const char *why;
	} cases[] = {
		{16 * PAGE, 0, "may become shorter"},
		{16 * PAGE, F_SEAL_GROW, "may become shorter"},
		{9 * PAGE - 1, F_SEAL_SHRINK, "smaller than the region"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		remote_teardown(state);
		remote_setup(state);
		test = *state;
		remote_make_file(test, cases[i].size, cases[i].seals);
		assert_int_equal(remote_open(test), 0);
		assert_int_equal(
			lend_device_region(test->device, 0)->area_count, 0);
		assert_non_null(strstr(test->warning, cases[i].why));
		assert_int_equal(test->warnings, 1);
	}
}

/* As lend serve -map passes it; /dev/zero can be mapped too, and has no seals.
 */
static void files_of_devices_are_mapped(void **state)
{
	struct remote_test *test;

	for (int is_device = 0; is_device < 2; is_device++) {
		remote_teardown(state);
		remote_setup(state);
		test = *state;
		close(test->server->file);
		test->server->file = open("/dev/zero", O_RDWR | O_CLOEXEC);
		test->fake->files_are_devices = is_device;
		assert_int_equal(remote_open(test), 0);
		assert_int_equal(
			lend_device_region(test->device, 0)->area_count,
			is_device);
		assert_int_equal(!strstr(test->warning, "VFIO's of a device"),
				 is_device);
	}
}

static void a_device_is_alone_in_its_address_space(void **state)
{
	struct remote_test *test = *state;
	struct lend_device *second = NULL;

	assert_int_equal(
		lend_device_open_socket(test->iommu, 0, NULL, NULL, &second),
		-EBUSY);
	assert_int_equal(lend_ctx_error(test->ctx)->code, LEND_ERROR_ATTACHED);
	assert_int_equal(
		lend_device_open_fd(test->iommu, 0, NULL, NULL, &second),
		-EINVAL);
	assert_int_equal(lend_ctx_error(test->ctx)->code, LEND_ERROR_ARGUMENT);
	assert_int_equal(
		lend_device_open_socket(test->iommu, -1, NULL, NULL, &second),
		-EINVAL);
	assert_null(second);
}

static void an_address_space_is_used_again(void **state)
{
	struct remote_test *test = *state;

	test->device = lend_device_unref(test->device);
	remote_assert_done(test, "reset;left;");
	assert_int_equal(remote_open(test), 0);
	assert_int_equal(lend_device_serve(test->device), 0);
}

/* Each call of an open fails in turn, until none is left. */
static void failures_leave_nothing_open(void **state)
{
	static const struct fake_failure kinds[] = {{FAKE_SEND, 0},
						    {FAKE_RECEIVE, 0},
						    {FAKE_SEALS, 0},
						    {FAKE_FSTAT, 0}};
	struct remote_test *test = *state;
	char why[128];
	bool failed = true;

	remote_make_file(test, 16 * PAGE, F_SEAL_SHRINK);
	for (unsigned int n = 1; failed; n++) {
		fake_log_clear(test->fake);
		test->fake->fail_at = n;
		test->fake->fail_error = EIO;
		if (remote_open(test))
			assert_null(test->device);
		failed = test->fake->calls >= n;
		test->fake->fail_at = 0;
		test->device = lend_device_unref(test->device);
		test->iommu = lend_iommu_unref(test->iommu);
		if (!fake_is_idle(test->fake, why, sizeof(why)))
			fail_msg("call %u: %s", n, why);
		server_run(test->server);
		assert_int_equal(lend_iommu_new(test->ctx, NULL, &test->iommu),
				 0);
		assert_true(n < 200);
	}
	fake_assert_failed(test->fake, kinds, sizeof(kinds) / sizeof(kinds[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(remote_devices_are_described),
		TEST_OPEN(regions_are_read_and_written),
		TEST_OPEN(large_accesses_are_divided),
		TEST_OPEN(eventfds_go_to_the_server),
		TEST_OPEN(devices_are_reset),
		TEST_REMOTE(sealed_files_are_mapped),
		TEST_REMOTE(other_files_are_not_mapped),
		TEST_REMOTE(files_of_devices_are_mapped),
		TEST_OPEN(a_device_is_alone_in_its_address_space),
		TEST_OPEN(an_address_space_is_used_again),
		TEST_REMOTE(failures_leave_nothing_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
