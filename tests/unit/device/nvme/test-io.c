// SPDX-License-Identifier: MIT
// Reads, writes and the other commands of an I/O queue.

#include <fcntl.h>
#include <sys/stat.h>

#include "fixture.h"

static uint8_t *data_page_of(struct nvme_test *test)
{
	return test->ram + PAGE_DATA * NVME_PAGE;
}

/* A byte of the file. */
static int file_byte(const struct nvme_test *test, off_t at)
{
	uint8_t byte = 0xff;
	int fd = open(test->path, O_RDONLY | O_CLOEXEC);

	assert_int_equal(pread(fd, &byte, 1, at), 1);
	close(fd);
	return byte;
}

static void blocks_are_read(void **state)
{
	struct nvme_test *test = *state;

	assert_int_equal(nvme_transfer(test, NVME_READ, 5, 3, PAGE_DATA), 0);
	assert_int_equal(data_page_of(test)[0], 5);
	assert_int_equal(data_page_of(test)[3 * 512 - 1], 7);
	assert_int_equal(data_page_of(test)[3 * 512], 0);
	assert_int_equal(nvme_transfer(test, NVME_READ, 0, 16, PAGE_DATA), 0);
	assert_int_equal(data_page_of(test)[16 * 512 - 1], 15);
}

static void blocks_are_written(void **state)
{
	struct nvme_test *test = *state;
	const struct nvme_command flush = {.opcode = NVME_FLUSH,
					   .namespace = 0xffffffff};

	memset(data_page_of(test), 0xab, 1024);
	assert_int_equal(nvme_transfer(test, NVME_WRITE, 62, 2, PAGE_DATA), 0);
	assert_int_equal(file_byte(test, 61 * 512 + 511), 61);
	assert_int_equal(file_byte(test, 62 * 512), 0xab);
	assert_int_equal(file_byte(test, 63 * 512 + 511), 0xab);
	assert_int_equal(nvme_do(test, 1, &flush), 0);
}

/* The first entry has an offset, the list has one too, and pages are not in
 * order. */
static void lists_of_pages_are_followed(void **state)
{
	struct nvme_test *test = *state;
	uint64_t *list =
		(uint64_t *)(void *)(test->ram + 40 * NVME_PAGE + 4072);
	uint64_t *more = (uint64_t *)(void *)(test->ram + 41 * NVME_PAGE);
	const struct nvme_command read = {
		.opcode = NVME_READ,
		.namespace = 1,
		.prp1 = AT(20) + 3584,
		.prp2 = AT(40) + 4072,
		.dword12 = 32,
	};

	list[0] = AT(23);
	list[1] = AT(22);
	list[2] = AT(41); /* the list goes on */
	more[0] = AT(30);
	more[1] = AT(31);
	assert_int_equal(nvme_do(test, 1, &read), 0);
	assert_int_equal(test->ram[20 * NVME_PAGE + 3584], 0);
	assert_int_equal(test->ram[23 * NVME_PAGE], 1);
	assert_int_equal(test->ram[22 * NVME_PAGE], 9);
	assert_int_equal(test->ram[30 * NVME_PAGE], 17);
	assert_int_equal(test->ram[31 * NVME_PAGE + 4095], 32);
}

static void zeroes_are_written(void **state)
{
	struct nvme_test *test = *state;
	struct nvme_command zero = {.opcode = NVME_WRITE_ZEROES,
				    .namespace = 1,
				    .dword10 = 8,
				    .dword12 = 7};

	assert_int_equal(nvme_do(test, 1, &zero), 0);
	assert_int_equal(file_byte(test, 8 * 512), 0);
	assert_int_equal(file_byte(test, 16 * 512 - 1), 0);
	assert_int_equal(file_byte(test, 16 * 512), 16);
	zero.dword10 = 16;
	zero.dword12 |= 1u << 25 | 1u << 30;
	assert_int_equal(nvme_do(test, 1, &zero), 0);
	assert_int_equal(file_byte(test, 24 * 512 - 1), 0);
	assert_int_equal(file_byte(test, 24 * 512), 24);
}

static void ranges_are_discarded(void **state)
{
	struct nvme_test *test = *state;
	const struct nvme_range ranges[] = {{0, 8, 0}, {0, 8, 32}, {0, 0, 64}};
	const struct nvme_command discard = {.opcode = NVME_DATASET,
					     .namespace = 1,
					     .prp1 = AT(PAGE_DATA),
					     .dword10 = 2,
					     .dword11 = 4};
	struct stat st;

	memcpy(data_page_of(test), ranges, sizeof(ranges));
	assert_int_equal(nvme_do(test, 1, &discard), 0);
	assert_int_equal(file_byte(test, 0), 0);
	assert_int_equal(file_byte(test, 32 * 512), 0);
	assert_int_equal(file_byte(test, 40 * 512), 40);
	assert_int_equal(stat(test->path, &st), 0);
	assert_int_equal(st.st_size, BLOCKS * 512);
}

static void what_is_beyond_the_end_fails(void **state)
{
	assert_int_equal(nvme_transfer(*state, NVME_READ, 63, 2, PAGE_DATA),
			 NVME_LBA_RANGE);
	assert_int_equal(nvme_transfer(*state, NVME_WRITE, 64, 1, PAGE_DATA),
			 NVME_LBA_RANGE);
	assert_int_equal(
		nvme_transfer(*state, NVME_READ, UINT64_MAX, 2, PAGE_DATA),
		NVME_LBA_RANGE);
	assert_int_equal(
		nvme_transfer(*state, NVME_WRITE_ZEROES, 60, 5, PAGE_DATA),
		NVME_LBA_RANGE);
	assert_int_equal(nvme_transfer(*state, NVME_READ, 63, 1, PAGE_DATA), 0);
}

static void a_file_that_was_shortened_is_a_read_error(void **state)
{
	struct nvme_test *test = *state;

	assert_int_equal(truncate(test->path, 10 * 512), 0);
	assert_int_equal(nvme_transfer(test, NVME_READ, 8, 4, PAGE_DATA),
			 NVME_READ_FAULT);
	assert_int_equal(nvme_transfer(test, NVME_READ, 8, 2, PAGE_DATA), 0);
}

static void nothing_is_written_to_what_is_read_only(void **state)
{
	struct nvme_test *test = *state;
	const struct nvme_command discard = {
		.opcode = NVME_DATASET, .namespace = 1, .prp1 = AT(PAGE_DATA)};
	const struct nvme_command flush = {.opcode = NVME_FLUSH,
					   .namespace = 1};

	assert_int_equal(nvme_transfer(test, NVME_WRITE, 1, 1, PAGE_DATA),
			 NVME_WRITE_PROTECTED);
	assert_int_equal(
		nvme_transfer(test, NVME_WRITE_ZEROES, 1, 1, PAGE_DATA),
		NVME_WRITE_PROTECTED);
	assert_int_equal(nvme_do(test, 1, &discard), NVME_WRITE_PROTECTED);
	assert_int_equal(nvme_do(test, 1, &flush), 0);
	assert_int_equal(nvme_transfer(test, NVME_READ, 1, 1, PAGE_DATA), 0);
	assert_int_equal(data_page_of(test)[0], 1);
}

static void opcodes_and_namespaces_are_checked(void **state)
{
	struct nvme_command command = {.opcode = 0x05, .namespace = 1};

	assert_int_equal(nvme_do(*state, 1, &command), NVME_INVALID_OPCODE);
	command.opcode = NVME_READ;
	command.namespace = 2;
	assert_int_equal(nvme_do(*state, 1, &command), NVME_INVALID_NAMESPACE);
	command.namespace = 1;
	command.flags = 0x40; /* an SGL */
	assert_int_equal(nvme_do(*state, 1, &command), NVME_INVALID_FIELD);
}

/* Doorbells in the client's memory: it rings where it is asked to alone. */
static void doorbells_in_memory_are_read(void **state)
{
	struct nvme_test *test = *state;
	uint32_t *shadow =
		(uint32_t *)(void *)(test->ram + PAGE_SHADOW * NVME_PAGE);
	uint32_t *asked =
		(uint32_t *)(void *)(test->ram + PAGE_EVENTS * NVME_PAGE);
	struct nvme_command command = {.opcode = NVME_DOORBELL_BUFFER,
				       .prp1 = AT(PAGE_SHADOW),
				       .prp2 = AT(PAGE_EVENTS)};
	const struct nvme_command read = {.opcode = NVME_READ,
					  .namespace = 1,
					  .id = 77,
					  .prp1 = AT(PAGE_DATA),
					  .dword10 = 9};

	assert_int_equal(nvme_do(test, 0, &command), 0);
	memcpy(test->ram + PAGE_SQ * NVME_PAGE, &read, sizeof(read));
	shadow[2] = 1;
	while (nvme_step(test->nvme))
		;
	assert_true(driver_take(test, 1));
	assert_int_equal(test->last.id, 77);
	assert_int_equal(data_page_of(test)[0], 9);
	assert_int_equal(asked[2], 1);
	/* A value that is no entry changes nothing. */
	shadow[2] = ENTRIES;
	assert_false(nvme_step(test->nvme));
	command.prp2 = 0;
	assert_int_equal(nvme_do(test, 0, &command), NVME_INVALID_FIELD);
}

/* Their register is written by a message, which arrives later than what memory
 * has had since. */
static void a_late_doorbell_repeats_nothing(void **state)
{
	struct nvme_test *test = *state;
	uint32_t *shadow =
		(uint32_t *)(void *)(test->ram + PAGE_SHADOW * NVME_PAGE);
	const struct nvme_command command = {.opcode = NVME_DOORBELL_BUFFER,
					     .prp1 = AT(PAGE_SHADOW),
					     .prp2 = AT(PAGE_EVENTS)};
	struct nvme_command flush = {.opcode = NVME_FLUSH, .namespace = 1};

	assert_int_equal(nvme_do(test, 0, &command), 0);
	for (uint16_t i = 0; i < 3; i++) {
		flush.id = i;
		memcpy(test->ram + PAGE_SQ * NVME_PAGE + i * sizeof(flush),
		       &flush, sizeof(flush));
	}
	shadow[2] = 3;
	while (nvme_step(test->nvme))
		;
	for (uint16_t i = 0; i < 3; i++) {
		assert_true(driver_take(test, 1));
		assert_int_equal(test->last.id, i);
	}
	shadow[3] = 3;
	driver_ring(test, 1, false, 2);
	driver_ring(test, 1, true, 2);
	assert_false(nvme_step(test->nvme));
	assert_false(driver_take(test, 1));
}

/* Completions wait for room in their queue. */
static void a_full_queue_holds_commands_back(void **state)
{
	const struct nvme_command flush = {.opcode = NVME_FLUSH,
					   .namespace = 1};
	struct nvme_test *test = *state;
	unsigned int taken = 0;

	for (unsigned int i = 0; i < ENTRIES - 1; i++)
		driver_submit(test, 1, &flush);
	driver_submit(test, 1, &flush);
	driver_submit(test, 1, &flush);
	while (driver_take(test, 1))
		taken++;
	assert_int_equal(taken, ENTRIES + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ON(blocks_are_read),
		TEST_ON(blocks_are_written),
		TEST_ON(lists_of_pages_are_followed),
		TEST_ON(zeroes_are_written),
		TEST_ON(ranges_are_discarded),
		TEST_ON(what_is_beyond_the_end_fails),
		TEST_ON(a_file_that_was_shortened_is_a_read_error),
		TEST_WITH(nothing_is_written_to_what_is_read_only,
			  nvme_setup_read_only),
		TEST_ON(opcodes_and_namespaces_are_checked),
		TEST_ON(doorbells_in_memory_are_read),
		TEST_ON(a_late_doorbell_repeats_nothing),
		TEST_ON(a_full_queue_holds_commands_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
