// SPDX-License-Identifier: MIT
// A guest and a monitor that mean harm: addresses that are not theirs, lists
// that never end, memory that goes.

#include "fixture.h"

static unsigned int read_with(struct nvme_test *test, uint64_t prp1,
			      uint64_t prp2, uint32_t blocks)
{
	const struct nvme_command command = {.opcode = NVME_READ,
					     .namespace = 1,
					     .prp1 = prp1,
					     .prp2 = prp2,
					     .dword12 = blocks - 1};

	return nvme_do(test, 1, &command);
}

static void addresses_outside_the_memory_fail(void **state)
{
	assert_int_equal(read_with(*state, 2 * RAM, 0, 1), NVME_DATA_TRANSFER);
	assert_int_equal(read_with(*state, 0, 0, 1), NVME_DATA_TRANSFER);
	assert_int_equal(read_with(*state, 2 * RAM - 512, 0, 1), 0);
	assert_int_equal(read_with(*state, 2 * RAM - 512, 2 * RAM, 2),
			 NVME_DATA_TRANSFER);
	assert_int_equal(read_with(*state, UINT64_MAX & ~511ull, 0, 1),
			 NVME_DATA_TRANSFER);
	assert_int_equal(read_with(*state, AT(8) + 2, 0, 1), NVME_PRP_OFFSET);
	assert_int_equal(read_with(*state, AT(8), AT(9) + 512, 16),
			 NVME_PRP_OFFSET);
}

static void lists_of_pages_are_checked(void **state)
{
	struct nvme_test *test = *state;
	uint64_t *list = (uint64_t *)(void *)(test->ram + 40 * NVME_PAGE);

	list[0] = AT(20) + 8;
	assert_int_equal(read_with(test, AT(8), AT(40), 32), NVME_PRP_OFFSET);
	list[0] = 2 * RAM;
	assert_int_equal(read_with(test, AT(8), AT(40), 32),
			 NVME_DATA_TRANSFER);
	assert_int_equal(read_with(test, AT(8), AT(40) + 4, 32),
			 NVME_PRP_OFFSET);
	assert_int_equal(read_with(test, AT(8), 2 * RAM, 32),
			 NVME_DATA_TRANSFER);
	/* One entry in the page, which leads to itself. */
	list[511] = AT(40) + 4088;
	assert_int_equal(read_with(test, AT(8), AT(40) + 4088, 32),
			 NVME_PRP_OFFSET);
	/* More than the largest transfer. */
	assert_int_equal(read_with(test, AT(8), AT(40), 2049), NVME_LBA_RANGE);
}

/* Memory to read is not written, and the other way round. */
static void memory_is_for_what_it_was_mapped_for(void **state)
{
	struct nvme_test *test = *state;
	const struct user_dma_map map = {sizeof(map), 1, 0, 4 * RAM, RAM};
	const struct user_dma_map other = {sizeof(map), 2, 0, 8 * RAM, RAM};
	const struct nvme_command write = {
		.opcode = NVME_WRITE, .namespace = 1, .prp1 = 8 * RAM};

	assert_int_equal(nvme_ask(test, USER_DMA_MAP, &map, sizeof(map),
				  &test->ram_fd, 1),
			 0);
	assert_int_equal(nvme_ask(test, USER_DMA_MAP, &other, sizeof(other),
				  &test->ram_fd, 1),
			 0);
	assert_int_equal(read_with(test, 4 * RAM, 0, 1), NVME_DATA_TRANSFER);
	assert_int_equal(read_with(test, 8 * RAM, 0, 1), 0);
	assert_int_equal(nvme_do(test, 1, &write), NVME_DATA_TRANSFER);
	assert_int_equal(nvme_transfer(test, NVME_WRITE, 0, 1, PAGE_DATA), 0);
}

static void the_clients_memory_may_shrink(void **state)
{
	struct nvme_test *test = *state;

	/* What is left has the queues. */
	assert_int_equal(ftruncate(test->ram_fd, 16 * NVME_PAGE), 0);
	assert_int_equal(read_with(test, AT(20), 0, 1), NVME_DATA_TRANSFER);
	assert_int_equal(read_with(test, AT(8), 0, 1), 0);
	assert_int_equal(read_with(test, AT(8), AT(20), 32),
			 NVME_DATA_TRANSFER);
	/* Then the queues go too. */
	assert_int_equal(ftruncate(test->ram_fd, 0), 0);
	driver_ring(test, 1, false, 9);
	assert_true(nvme_get(test, NVME_CSTS, 4) & NVME_CSTS_CFS);
	nvme_leave(test);
	assert_int_equal(ftruncate(test->ram_fd, (off_t)RAM), 0);
	nvme_come_back(test);
	nvme_enable(test);
	nvme_make_pair(test);
	assert_int_equal(nvme_transfer(test, NVME_READ, 1, 1, PAGE_DATA), 0);
}

static void memory_that_was_unmapped_is_not_reached(void **state)
{
	struct nvme_test *test = *state;

	assert_int_equal(nvme_unmap(test), 0);
	driver_ring(test, 1, false, 1);
	assert_true(nvme_get(test, NVME_CSTS, 4) & NVME_CSTS_CFS);
	assert_int_equal(nvme_map(test), 0);
	nvme_put(test, NVME_CC, 4, 0);
	nvme_enable(test);
	nvme_make_pair(test);
	assert_int_equal(nvme_transfer(test, NVME_READ, 1, 1, PAGE_DATA), 0);
}

/* Doorbells at the limits: of queues that are there, and that are not. */
static void every_doorbell_takes_every_value(void **state)
{
	static const uint32_t values[] = {0,       1,          ENTRIES - 1,
					  ENTRIES, 0x7fffffff, 0xffffffff};
	struct nvme_test *test = *state;

	for (unsigned int at = NVME_DOORBELLS; at < 0x4000; at += 260)
		for (unsigned int i = 0; i < 6; i++)
			nvme_put(test, at, 4, values[i]);
	for (unsigned int i = 0; i < 6; i++)
		for (unsigned int at = 0; at < 0x40; at += 4)
			nvme_put(test, at, 4, values[i]);
	nvme_put(test, NVME_CC, 4, 0);
	nvme_put_command_register(test, 6);
	nvme_enable(test);
}

static void commands_of_all_ones_and_zeros_are_answered(void **state)
{
	struct nvme_test *test = *state;
	struct nvme_command command;

	for (unsigned int opcode = 0; opcode < 256; opcode++) {
		memset(&command, 0xff, sizeof(command));
		command.opcode = (uint8_t)opcode;
		assert_true(nvme_do(test, 1, &command));
		command.flags = 0;
		assert_true(nvme_do(test, 1, &command) || opcode == NVME_FLUSH);
		if (opcode != NVME_ASYNC_EVENT && opcode != NVME_ABORT)
			assert_true(nvme_do(test, 0, &command));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ON(addresses_outside_the_memory_fail),
		TEST_ON(lists_of_pages_are_checked),
		TEST_ON(memory_is_for_what_it_was_mapped_for),
		TEST_ON(the_clients_memory_may_shrink),
		TEST_ON(memory_that_was_unmapped_is_not_reached),
		TEST_ON(every_doorbell_takes_every_value),
		TEST_ON(commands_of_all_ones_and_zeros_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
