// SPDX-License-Identifier: MIT
// Commands that threads carry out, while the client changes its mind.

#include <sys/eventfd.h>

#include "fixture.h"

static int nvme_setup_threads(void **state)
{
	struct nvme_test *test;
	int err = nvme_setup_on(state);

	if (err)
		return err;
	test = *state;
	test->has_threads = true;
	return nvme_start_threads(test->nvme);
}

static void blocks_are_read_and_written(void **state)
{
	struct nvme_test *test = *state;

	for (unsigned int i = 0; i < 200; i++) {
		assert_int_equal(nvme_transfer(test, NVME_READ, i % BLOCKS, 1,
					       PAGE_DATA + i % 8),
				 0);
		assert_int_equal(test->ram[(PAGE_DATA + i % 8) * NVME_PAGE],
				 i % BLOCKS);
	}
	memset(test->ram + PAGE_DATA * NVME_PAGE, 0x55, 512);
	assert_int_equal(nvme_transfer(test, NVME_WRITE, 9, 1, PAGE_DATA), 0);
	assert_int_equal(nvme_transfer(test, NVME_READ, 9, 1, PAGE_DATA + 3),
			 0);
	assert_int_equal(test->ram[(PAGE_DATA + 3) * NVME_PAGE], 0x55);
}

/* No command uses the memory once the request to unmap it is answered. */
static void memory_goes_while_commands_are_in_flight(void **state)
{
	const struct nvme_command read = {.opcode = NVME_READ,
					  .namespace = 1,
					  .prp1 = AT(PAGE_DATA),
					  .prp2 = AT(PAGE_DATA + 1),
					  .dword12 = 15};
	struct nvme_test *test = *state;

	for (unsigned int round = 0; round < 50; round++) {
		for (unsigned int i = 0; i < ENTRIES - 1; i++)
			driver_submit(test, 1, &read);
		assert_int_equal(nvme_unmap(test), 0);
		memset(test->ram + PAGE_DATA * NVME_PAGE, 0xee, NVME_PAGE);
		assert_int_equal(test->ram[PAGE_DATA * NVME_PAGE], 0xee);
		assert_int_equal(nvme_map(test), 0);
		nvme_put(test, NVME_CC, 4, 0);
		while (nvme_get(test, NVME_CSTS, 4))
			;
		nvme_enable(test);
		nvme_make_pair(test);
	}
	assert_int_equal(nvme_transfer(test, NVME_READ, 7, 1, PAGE_DATA), 0);
}

static void the_client_leaves_while_commands_are_in_flight(void **state)
{
	const struct nvme_command flush = {.opcode = NVME_FLUSH,
					   .namespace = 1};
	struct nvme_test *test = *state;

	for (unsigned int round = 0; round < 20; round++) {
		for (unsigned int i = 0; i < ENTRIES - 1; i++)
			driver_submit(test, 1, &flush);
		nvme_leave(test);
		nvme_come_back(test);
		nvme_enable(test);
		nvme_make_pair(test);
	}
	assert_int_equal(nvme_transfer(test, NVME_READ, 7, 1, PAGE_DATA), 0);
}

static void a_queue_is_deleted_while_commands_are_in_flight(void **state)
{
	const struct nvme_command flush = {.opcode = NVME_FLUSH,
					   .namespace = 1};
	struct nvme_test *test = *state;

	for (unsigned int round = 0; round < 20; round++) {
		struct nvme_command gone = {.opcode = NVME_DELETE_SQ,
					    .dword10 = 1};

		for (unsigned int i = 0; i < ENTRIES - 1; i++)
			driver_submit(test, 1, &flush);
		assert_int_equal(nvme_do(test, 0, &gone), 0);
		gone.opcode = NVME_DELETE_CQ;
		assert_int_equal(nvme_do(test, 0, &gone), 0);
		memset(test->ram + PAGE_CQ * NVME_PAGE, 0, NVME_PAGE);
		eventfd_read(test->events[1], &(eventfd_t){0});
		nvme_make_pair(test);
	}
	assert_int_equal(nvme_transfer(test, NVME_READ, 7, 1, PAGE_DATA), 0);
}

#define TEST_THREADS(f) TEST_WITH(f, nvme_setup_threads)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_THREADS(blocks_are_read_and_written),
		TEST_THREADS(memory_goes_while_commands_are_in_flight),
		TEST_THREADS(the_client_leaves_while_commands_are_in_flight),
		TEST_THREADS(a_queue_is_deleted_while_commands_are_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
