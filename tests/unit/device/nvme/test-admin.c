// SPDX-License-Identifier: MIT
// Commands of administration: what the controller says about itself, queues,
// features, logs, and events.

#include <stdio.h>

#include "fixture.h"

static const uint8_t *data_page(const struct nvme_test *test)
{
	return test->ram + PAGE_DATA * NVME_PAGE;
}

static unsigned int describe_page(struct nvme_test *test, uint32_t structure,
				  uint32_t namespace)
{
	const struct nvme_command command = {.opcode = NVME_IDENTIFY,
					     .namespace = namespace,
					     .prp1 = AT(PAGE_DATA),
					     .dword10 = structure};

	memset(test->ram + PAGE_DATA * NVME_PAGE, 0xee, NVME_PAGE);
	return nvme_do(test, 0, &command);
}

static uint64_t data_number(const struct nvme_test *test, unsigned int at)
{
	uint64_t value;

	memcpy(&value, data_page(test) + at, sizeof(value));
	return value;
}

static void the_controller_is_described(void **state)
{
	struct nvme_test *test = *state;
	char serial[21] = "";

	assert_int_equal(describe_page(test, 1, 0), 0);
	memcpy(serial, data_page(test) + 4, 20);
	assert_int_equal(strlen(serial), 20);
	assert_memory_equal(data_page(test) + 24, "lend disk  ", 11);
	assert_int_equal(data_page(test)[77], 8);
	assert_int_equal(data_page(test)[512], 0x66);
	assert_int_equal(data_number(test, 516) & 0xffffffff, 1);
	assert_memory_equal(data_page(test) + 768,
			    "nqn.2014-08.org.nvmexpress:uuid:", 32);
	assert_int_equal(strlen((const char *)data_page(test) + 768), 68);
}

static void the_namespace_is_described(void **state)
{
	struct nvme_test *test = *state;

	assert_int_equal(describe_page(test, 0, 1), 0);
	assert_int_equal(data_number(test, 0), BLOCKS);
	assert_int_equal(data_page(test)[99], 0);
	assert_int_equal(data_page(test)[130], 9);
	assert_int_equal(describe_page(test, 0, 2), NVME_INVALID_NAMESPACE);
	assert_int_equal(describe_page(test, 2, 0), 0);
	assert_int_equal(data_number(test, 0), 1);
	assert_int_equal(describe_page(test, 2, 1), 0);
	assert_int_equal(data_number(test, 0), 0);
	assert_int_equal(describe_page(test, 2, 0xffffffff),
			 NVME_INVALID_NAMESPACE);
	assert_int_equal(describe_page(test, 3, 1), 0);
	assert_int_equal(data_page(test)[0], 3);
	assert_int_equal(data_page(test)[1], 16);
	assert_int_equal(data_page(test)[20], 0);
	assert_int_equal(describe_page(test, 6, 0), 0);
	assert_int_equal(describe_page(test, 0x55, 0), NVME_INVALID_FIELD);
}

static void what_is_read_only_says_so(void **state)
{
	assert_int_equal(describe_page(*state, 0, 1), 0);
	assert_int_equal(data_page(*state)[99], 1);
}

static unsigned int do_feature(struct nvme_test *test, uint8_t opcode,
			       uint32_t number, uint32_t value)
{
	const struct nvme_command command = {
		.opcode = opcode, .dword10 = number, .dword11 = value};

	return nvme_do(test, 0, &command);
}

static void features_are_set_and_got(void **state)
{
	struct nvme_test *test = *state;

	assert_int_equal(
		do_feature(test, NVME_GET_FEATURES, NVME_WRITE_CACHE, 0), 0);
	assert_int_equal(test->last.result, 1);
	assert_int_equal(
		do_feature(test, NVME_SET_FEATURES, NVME_WRITE_CACHE, 0), 0);
	assert_int_equal(
		do_feature(test, NVME_GET_FEATURES, NVME_WRITE_CACHE, 0), 0);
	assert_int_equal(test->last.result, 0);
	assert_int_equal(do_feature(test, NVME_GET_FEATURES,
				    0x100 | NVME_WRITE_CACHE, 0),
			 0);
	assert_int_equal(test->last.result, 1);
	assert_int_equal(do_feature(test, NVME_GET_FEATURES,
				    0x300 | NVME_WRITE_CACHE, 0),
			 0);
	assert_int_equal(test->last.result, 4);
	assert_int_equal(do_feature(test, NVME_GET_FEATURES, 0xd0, 0),
			 NVME_INVALID_FIELD);
	assert_int_equal(do_feature(test, NVME_SET_FEATURES, 0, 0),
			 NVME_INVALID_FIELD);
	assert_int_equal(
		do_feature(test, NVME_SET_FEATURES, 1u << 31 | NVME_EVENTS, 0),
		NVME_NOT_SAVEABLE);
	assert_int_equal(do_feature(test, NVME_SET_FEATURES, NVME_POWER, 1),
			 NVME_INVALID_FIELD);
	nvme_put(test, NVME_CC, 4, 0);
	nvme_enable(test);
	assert_int_equal(
		do_feature(test, NVME_GET_FEATURES, NVME_WRITE_CACHE, 0), 0);
	assert_int_equal(test->last.result, 1);
}

static void queues_are_counted_before_they_are_made(void **state)
{
	struct nvme_test *test = *state;

	nvme_enable(test);
	assert_int_equal(do_feature(test, NVME_SET_FEATURES,
				    NVME_NUMBER_OF_QUEUES, 0x00010001),
			 0);
	assert_int_equal(test->last.result, 63 << 16 | 63);
	assert_int_equal(do_feature(test, NVME_SET_FEATURES,
				    NVME_NUMBER_OF_QUEUES, 0xffff),
			 NVME_INVALID_FIELD);
	nvme_make_pair(test);
	assert_int_equal(
		do_feature(test, NVME_SET_FEATURES, NVME_NUMBER_OF_QUEUES, 1),
		NVME_SEQUENCE);
}

static unsigned int do_queue(struct nvme_test *test, uint8_t opcode,
			     uint32_t dword10, uint32_t dword11, uint64_t prp1)
{
	const struct nvme_command command = {.opcode = opcode,
					     .prp1 = prp1,
					     .dword10 = dword10,
					     .dword11 = dword11};

	return nvme_do(test, 0, &command);
}

static void invalid_queues_are_refused(void **state)
{
	struct nvme_test *t = *state;
	const uint64_t at = AT(50);

	assert_int_equal(do_queue(t, NVME_CREATE_CQ, 15u << 16, 3, at),
			 NVME_INVALID_QUEUE);
	assert_int_equal(do_queue(t, NVME_CREATE_CQ, 15u << 16 | 1, 3, at),
			 NVME_INVALID_QUEUE);
	assert_int_equal(do_queue(t, NVME_CREATE_CQ, 15u << 16 | 65, 3, at),
			 NVME_INVALID_QUEUE);
	assert_int_equal(do_queue(t, NVME_CREATE_CQ, 0xffff0002, 3, at),
			 NVME_INVALID_SIZE);
	assert_int_equal(do_queue(t, NVME_CREATE_CQ, 2, 3, at),
			 NVME_INVALID_SIZE);
	assert_int_equal(do_queue(t, NVME_CREATE_CQ, 15u << 16 | 2, 2, at),
			 NVME_INVALID_FIELD);
	assert_int_equal(do_queue(t, NVME_CREATE_CQ, 15u << 16 | 2, 3, at + 8),
			 NVME_PRP_OFFSET);
	assert_int_equal(
		do_queue(t, NVME_CREATE_CQ, 15u << 16 | 2, 65u << 16 | 3, at),
		NVME_INVALID_VECTOR);
	assert_int_equal(
		do_queue(t, NVME_CREATE_SQ, 15u << 16 | 2, 2u << 16 | 1, at),
		NVME_INVALID_CQ);
	assert_int_equal(
		do_queue(t, NVME_CREATE_SQ, 15u << 16 | 2, 0xffff0001, at),
		NVME_INVALID_CQ);
	assert_int_equal(do_queue(t, NVME_CREATE_SQ, 15u << 16 | 2, 1, at),
			 NVME_INVALID_CQ);
}

static void queues_are_deleted_in_order(void **state)
{
	struct nvme_test *t = *state;

	assert_int_equal(do_queue(t, NVME_DELETE_CQ, 1, 0, 0),
			 NVME_INVALID_DELETION);
	assert_int_equal(do_queue(t, NVME_DELETE_SQ, 0, 0, 0),
			 NVME_INVALID_QUEUE);
	assert_int_equal(do_queue(t, NVME_DELETE_SQ, 0xffff, 0, 0),
			 NVME_INVALID_QUEUE);
	assert_int_equal(do_queue(t, NVME_DELETE_SQ, 1, 0, 0), 0);
	assert_int_equal(do_queue(t, NVME_DELETE_SQ, 1, 0, 0),
			 NVME_INVALID_QUEUE);
	assert_int_equal(do_queue(t, NVME_DELETE_CQ, 1, 0, 0), 0);
	assert_int_equal(do_queue(t, NVME_DELETE_CQ, 1, 0, 0),
			 NVME_INVALID_QUEUE);
	nvme_make_pair(t);
	assert_int_equal(nvme_transfer(t, NVME_READ, 3, 1, PAGE_DATA), 0);
}

static unsigned int get_log(struct nvme_test *test, uint32_t number,
			    uint32_t bytes, uint32_t offset)
{
	const struct nvme_command command = {
		.opcode = NVME_GET_LOG_PAGE,
		.namespace = 0xffffffff,
		.prp1 = AT(PAGE_DATA),
		.dword10 = (bytes / 4 - 1) << 16 | number,
		.dword12 = offset,
	};

	return nvme_do(test, 0, &command);
}

static void logs_are_read(void **state)
{
	struct nvme_test *test = *state;

	assert_int_equal(nvme_transfer(test, NVME_READ, 64, 1, PAGE_DATA),
			 NVME_LBA_RANGE);
	assert_int_equal(nvme_transfer(test, NVME_READ, 6, 1, PAGE_DATA), 0);
	assert_int_equal(get_log(test, NVME_LOG_ERROR, 64, 0), 0);
	assert_int_equal(data_number(test, 0), 1);
	assert_int_equal(data_number(test, 16), 64);
	assert_int_equal(get_log(test, NVME_LOG_HEALTH, 512, 0), 0);
	assert_int_equal(data_page(test)[3], 100);
	assert_int_equal(data_number(test, 32), 1);
	assert_int_equal(data_number(test, 64), 1);
	assert_int_equal(data_number(test, 176), 1);
	assert_int_equal(get_log(test, NVME_LOG_HEALTH, 16, 32), 0);
	assert_int_equal(data_number(test, 0), 1);
	assert_int_equal(get_log(test, NVME_LOG_FIRMWARE, 512, 0), 0);
	assert_int_equal(data_page(test)[0], 1);
	assert_int_equal(get_log(test, NVME_LOG_EFFECTS, 4096, 0), 0);
	assert_int_equal(data_page(test)[1024 + 4 * NVME_WRITE], 3);
	assert_int_equal(get_log(test, 0xc0, 64, 0), NVME_INVALID_LOG);
	assert_int_equal(get_log(test, NVME_LOG_HEALTH, 8192, 0),
			 NVME_INVALID_FIELD);
	assert_int_equal(get_log(test, NVME_LOG_HEALTH, 16, 1024),
			 NVME_INVALID_FIELD);
}

/* A request for an event is completed when there is one. */
static void an_invalid_doorbell_is_an_event(void **state)
{
	const struct nvme_command request = {.opcode = NVME_ASYNC_EVENT};
	struct nvme_test *test = *state;
	uint16_t id = driver_submit(test, 0, &request);

	assert_false(driver_take(test, 0));
	driver_ring(test, 7, false, 1);
	assert_true(driver_take(test, 0));
	assert_int_equal(test->last.id, id);
	assert_int_equal(test->last.result, 0x10000);
	/* The next one waits until the log was read. */
	id = driver_submit(test, 0, &request);
	driver_ring(test, 1, false, ENTRIES);
	assert_false(driver_take(test, 0));
	driver_submit(test, 0,
		      &(struct nvme_command){.opcode = NVME_GET_LOG_PAGE,
					     .prp1 = AT(PAGE_DATA),
					     .dword10 = 15 << 16 | 1});
	assert_true(driver_take(test, 0));
	assert_true(driver_take(test, 0));
	assert_int_equal(test->last.id, id);
	assert_int_equal(test->last.result, 0x10100);
}

static void requests_for_events_are_limited_and_aborted(void **state)
{
	const struct nvme_command request = {.opcode = NVME_ASYNC_EVENT};
	struct nvme_test *test = *state;
	struct nvme_command stop = {.opcode = NVME_ABORT};

	for (unsigned int i = 0; i < 4; i++)
		stop.dword10 = (uint32_t)driver_submit(test, 0, &request) << 16;
	assert_false(driver_take(test, 0));
	assert_int_equal(nvme_do(test, 0, &request), NVME_EVENT_LIMIT);
	driver_submit(test, 0, &stop);
	assert_true(driver_take(test, 0));
	assert_int_equal(test->last.id, stop.dword10 >> 16);
	assert_int_equal(test->last.status >> 1, NVME_ABORTED);
	assert_true(driver_take(test, 0));
	assert_int_equal(test->last.result, 0);
	/* What is not there is not aborted. */
	assert_int_equal(nvme_do(test, 0, &stop), 0);
	assert_int_equal(test->last.result, 1);
}

static void unknown_commands_are_refused(void **state)
{
	struct nvme_command command = {.opcode = 0x80};

	assert_int_equal(nvme_do(*state, 0, &command), NVME_INVALID_OPCODE);
	command = (struct nvme_command){.opcode = NVME_IDENTIFY, .flags = 1};
	assert_int_equal(nvme_do(*state, 0, &command), NVME_INVALID_FIELD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_ON(the_controller_is_described),
		TEST_ON(the_namespace_is_described),
		TEST_WITH(what_is_read_only_says_so, nvme_setup_read_only),
		TEST_ON(features_are_set_and_got),
		TEST(queues_are_counted_before_they_are_made),
		TEST_ON(invalid_queues_are_refused),
		TEST_ON(queues_are_deleted_in_order),
		TEST_ON(logs_are_read),
		TEST_ON(an_invalid_doorbell_is_an_event),
		TEST_ON(requests_for_events_are_limited_and_aborted),
		TEST_ON(unknown_commands_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
