// SPDX-License-Identifier: MIT
// Enabling, reset and shutdown of the controller, by its registers.

#include "fixture.h"

static void capabilities_are_those_of_the_specification(void **state)
{
	uint64_t cap = nvme_get(*state, NVME_CAP, 8);

	assert_int_equal(cap & 0xffff, 1023);  /* entries */
	assert_int_equal(cap >> 16 & 1, 1);    /* contiguous queues */
	assert_int_equal(cap >> 32 & 0xf, 0);  /* stride */
	assert_int_equal(cap >> 37 & 1, 1);    /* the NVM command set */
	assert_int_equal(cap >> 48 & 0xff, 0); /* 4 KiB pages alone */
	assert_int_equal(nvme_get(*state, NVME_VS, 4), 0x10400);
	assert_int_equal(nvme_get(*state, NVME_VS + 2, 1), 1);
	assert_int_equal(nvme_get(*state, 0x3c, 4), 0);
}

static void it_is_enabled_and_disabled(void **state)
{
	struct nvme_test *test = *state;

	assert_int_equal(nvme_get(test, NVME_CSTS, 4), 0);
	nvme_enable(test);
	nvme_make_pair(test);
	assert_int_equal(nvme_transfer(test, NVME_READ, 5, 1, PAGE_DATA), 0);
	nvme_put(test, NVME_CC, 4, 0x00460000);
	assert_int_equal(nvme_get(test, NVME_CSTS, 4), 0);
	/* Its queues are gone, and the registers of administration are not. */
	driver_ring(test, 1, false, 3);
	assert_int_equal(nvme_get(test, NVME_ASQ, 8), AT(PAGE_ASQ));
	nvme_enable(test);
	nvme_make_pair(test);
	assert_int_equal(nvme_transfer(test, NVME_READ, 5, 1, PAGE_DATA), 0);
}

static void assert_not_enabled(struct nvme_test *test, uint32_t cc,
			       uint32_t aqa)
{
	nvme_put(test, NVME_AQA, 4, aqa);
	nvme_put(test, NVME_CC, 4, cc);
	assert_int_equal(nvme_get(test, NVME_CSTS, 4), NVME_CSTS_CFS);
	assert_non_null(strstr(test->warning, "must reset the controller"));
	nvme_put(test, NVME_CC, 4, 0);
	assert_int_equal(nvme_get(test, NVME_CSTS, 4), 0);
}

static void an_invalid_configuration_is_fatal_until_a_reset(void **state)
{
	const uint32_t aqa = (ENTRIES - 1) << 16 | (ENTRIES - 1);

	assert_not_enabled(*state, 0x00460011, aqa); /* command set */
	assert_not_enabled(*state, 0x00460081, aqa); /* pages of 8 KiB */
	assert_not_enabled(*state, 0x00460801, aqa); /* arbitration */
	assert_not_enabled(*state, 0x00450001, aqa); /* entries of 32 bytes */
	assert_not_enabled(*state, 0x00460001, 0);
	assert_not_enabled(*state, 0x00460001, 15);
	assert_not_enabled(*state, 0x00460001, 15u << 16);
	assert_not_enabled(*state, 0x00460001, 15u << 16 | 1024);
	nvme_enable(*state);
}

static void queues_outside_the_memory_are_fatal(void **state)
{
	struct nvme_test *test = *state;

	nvme_enable(test);
	nvme_put(test, NVME_CC, 4, 0);
	nvme_put(test, NVME_ASQ, 8, 2 * RAM);
	nvme_put(test, NVME_CC, 4, 0x00460001);
	driver_ring(test, 0, false, 1);
	assert_true(nvme_get(test, NVME_CSTS, 4) & NVME_CSTS_CFS);
	assert_non_null(strstr(test->warning, "submission queue"));
	nvme_put(test, NVME_CC, 4, 0);
	nvme_enable(test);
}

static void a_shutdown_flushes_and_reports(void **state)
{
	struct nvme_test *test = *state;

	nvme_put(test, NVME_CC, 4, 0x00464001);
	assert_int_equal(nvme_get(test, NVME_CSTS, 4),
			 NVME_CSTS_RDY | NVME_CSTS_SHST_DONE);
	nvme_put(test, NVME_CC, 4, 0);
	assert_int_equal(nvme_get(test, NVME_CSTS, 4), 0);
	nvme_enable(test);
}

static void partial_writes_are_ignored(void **state)
{
	struct nvme_test *test = *state;

	nvme_put(test, NVME_AQA, 2, 0xf);
	nvme_put(test, NVME_AQA + 2, 4, 0xf);
	assert_int_equal(nvme_get(test, NVME_AQA, 4), 0);
	nvme_put(test, NVME_CAP, 8, 0);
	assert_true(nvme_get(test, NVME_CAP, 8));
}

/* A reset of the function: by its own capability, and by the client. */
static void a_reset_forgets_all(void **state)
{
	struct nvme_test *test = *state;

	assert_int_equal(nvme_ask(test, USER_DEVICE_RESET, NULL, 0, NULL, 0),
			 0);
	assert_int_equal(nvme_get(test, NVME_CC, 4), 0);
	assert_int_equal(nvme_get(test, NVME_CSTS, 4), 0);
	assert_int_equal(nvme_get(test, NVME_ASQ, 8), 0);
	/* Without bus mastering nothing is taken. */
	nvme_enable(test);
	memset(test->ram + AT(PAGE_ACQ) - RAM, 0, NVME_PAGE);
	driver_submit(test, 0, &(struct nvme_command){.opcode = NVME_ABORT});
	assert_false(driver_take(test, 0));
	nvme_put_command_register(test, 6);
	assert_true(driver_take(test, 0));
}

static void a_client_that_leaves_leaves_nothing(void **state)
{
	struct nvme_test *test = *state;

	nvme_leave(test);
	nvme_come_back(test);
	assert_int_equal(nvme_get(test, NVME_CC, 4), 0);
	assert_int_equal(nvme_get(test, NVME_CSTS, 4), 0);
	nvme_enable(test);
	nvme_make_pair(test);
	assert_int_equal(nvme_transfer(test, NVME_READ, 5, 1, PAGE_DATA), 0);
}

/* A driver then has MSI: its commands interrupt it as by MSI-X. */
static void msix_can_be_left_out(void **state)
{
	struct nvme_test *test = *state;
	const struct user_irq_info ask = {sizeof(ask), 0, LEND_PCI_IRQ_MSIX, 0};
	struct user_irq_info info;

	assert_int_equal(nvme_ask(test, USER_DEVICE_GET_IRQ_INFO, &ask,
				  sizeof(ask), NULL, 0),
			 0);
	memcpy(&info, test->reply.payload, sizeof(info));
	assert_int_equal(info.count, 0);
	assert_int_equal(nvme_transfer(test, NVME_READ, 0, 1, PAGE_DATA),
			 NVME_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(capabilities_are_those_of_the_specification),
		TEST(it_is_enabled_and_disabled),
		TEST(an_invalid_configuration_is_fatal_until_a_reset),
		TEST(queues_outside_the_memory_are_fatal),
		TEST_ON(a_shutdown_flushes_and_reports),
		TEST(partial_writes_are_ignored),
		TEST_ON(a_reset_forgets_all),
		TEST_ON(a_client_that_leaves_leaves_nothing),
		TEST_WITH(msix_can_be_left_out, nvme_setup_no_msix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
