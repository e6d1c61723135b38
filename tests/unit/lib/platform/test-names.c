// SPDX-License-Identifier: MIT
// Regions and interrupts of a platform device, by index and name, from the
// host's tree.

#include "board.h"

static void platform_regions_are_found_by_name(void **state)
{
	struct machine *m = *state;
	struct lend_platform *p;

	assert_int_equal(board_find(m, "generic@10000000", &p), 0);
	assert_int_equal(lend_platform_region_count(p), 2);
	assert_int_equal(lend_platform_find_region(p, "registers"), 0);
	assert_int_equal(lend_platform_find_region(p, "buffer"), 1);
	assert_string_equal(lend_platform_region(p, 1)->name, "buffer");
	assert_int_equal(lend_platform_region(p, 1)->size, 0x20000);
	assert_int_equal(lend_platform_region(p, 2)->size, 0);
	assert_null(lend_platform_region(p, 2)->name);
	board_expect_error(m, lend_platform_find_region(p, "buffers"), -ENOENT,
			   LEND_ERROR_ARGUMENT,
			   "'buffers' is not one of its reg-names",
			   "0 is 'registers'\n1 is 'buffer'", "");
	lend_platform_free(p);
	assert_int_equal(board_find(m, "xgbe@700000", &p), 0);
	board_expect_error(m, lend_platform_find_region(p, "mac"), -ENOENT,
			   LEND_ERROR_ARGUMENT, "'mac'", "it has no reg-names",
			   "");
	lend_platform_free(p);
}

static void platform_interrupts_are_found_by_name(void **state)
{
	struct machine *m = *state;
	struct lend_platform *p;

	assert_int_equal(board_find(m, "generic@10000000", &p), 0);
	assert_int_equal(lend_platform_irq_count(p), 2);
	assert_int_equal(lend_platform_find_irq(p, "level"), 1);
	assert_int_equal(lend_platform_irq(p, 0)->trigger, LEND_TRIGGER_EDGE);
	assert_int_equal(lend_platform_irq(p, 1)->trigger, LEND_TRIGGER_LEVEL);
	assert_int_equal(lend_platform_irq(p, 2)->trigger,
			 LEND_TRIGGER_UNKNOWN);
	board_expect_error(m, lend_platform_find_irq(p, ""), -ENOENT,
			   LEND_ERROR_ARGUMENT, "interrupt-names",
			   "0 is 'edge'", "");
	lend_platform_free(p);
}

/* Through the bus's ranges, the second of which is above 4 GiB. */
static void platform_regions_have_host_addresses(void **state)
{
	struct machine *m = *state;
	struct lend_platform *p;

	assert_int_equal(board_find(m, "xgbe@700000", &p), 0);
	assert_true(lend_platform_region(p, 2)->has_host);
	assert_int_equal(lend_platform_region(p, 2)->host, 0xe1240800);
	lend_platform_free(p);
	assert_int_equal(board_find(m, "generic@10000000", &p), 0);
	assert_int_equal(lend_platform_region(p, 1)->host, 0x800100000);
	lend_platform_free(p);
	fake_remove(m->fake, BOARD_BASE "/soc/ranges");
	assert_int_equal(board_find(m, "generic@10000000", &p), 0);
	assert_false(lend_platform_region(p, 1)->has_host);
	lend_platform_free(p);
	board_property(m, BOARD_BASE "/soc/ranges", "", 0);
	assert_int_equal(board_find(m, "generic@10000000", &p), 0);
	assert_int_equal(lend_platform_region(p, 1)->host, 0x10100000);
	lend_platform_free(p);
}

static void platform_refuses_to_keep_an_unknown_address(void **state)
{
	const struct lend_platform_options keep = {
		.size = sizeof(keep),
		.keep_addresses = true,
	};
	struct machine *m = *state;
	struct lend_platform *p;
	uint64_t addresses[8], end;

	fake_remove(m->fake, BOARD_BASE "/soc/ranges");
	assert_int_equal(board_find(m, "xgbe@700000", &p), 0);
	assert_int_equal(lend_platform_prepare(p, &keep), 0);
	board_expect_error(m, lend_platform_arrange(p, 0, addresses, &end),
			   -ENODATA, LEND_ERROR_PLACEMENT,
			   "address for region 0", "", "dt-keep-address");
	lend_platform_free(p);
}

static void platform_reports_the_end_of_addresses(void **state)
{
	struct machine *m = *state;
	struct lend_platform *p;
	uint64_t addresses[8], end;

	assert_int_equal(board_find(m, "xgbe@700000", &p), 0);
	assert_int_equal(lend_platform_arrange(p, 0x10001, addresses, &end), 0);
	/* Small regions fill the gap before a large one. */
	assert_int_equal(addresses[0], 0x80000);
	assert_int_equal(addresses[1], 0x100000);
	assert_int_equal(addresses[2], 0x20000);
	assert_int_equal(addresses[4], 0x40000);
	assert_int_equal(end, 0x180000);
	board_expect_error(
		m,
		lend_platform_arrange(p, UINT64_MAX - 0x90000, addresses, &end),
		-EOVERFLOW, LEND_ERROR_PLACEMENT, "region 0 (0x80000 bytes)",
		"", "");
	lend_platform_free(p);
}

static void platform_reports_an_unknown_trigger(void **state)
{
	struct machine *m = *state;
	struct lend_platform *p;

	assert_int_equal(board_find(m, "odd@10400000", &p), 0);
	assert_int_equal(lend_platform_irq(p, 0)->trigger,
			 LEND_TRIGGER_UNKNOWN);
	board_expect_error(m, lend_platform_prepare(p, NULL), -ENODATA,
			   LEND_ERROR_DEVICE, "interrupt 0", "",
			   "bind it to VFIO");
	assert_null(lend_platform_binding(p));
	lend_platform_free(p);
}

static void platform_reports_a_device_without_a_node(void **state)
{
	struct machine *m = *state;
	struct lend_platform *p;

	board_add_device(m, "none");
	board_expect_error(m, board_find(m, "none", &p), -ENOENT,
			   LEND_ERROR_NO_DEVICE,
			   "no node in the host's device tree",
			   "/none/of_node does not exist", "boot the host");
	fake_remove(m->fake, BOARD_BASE);
	fake_file(m->fake, "sys/firmware/acpi/tables/DSDT", "");
	board_expect_error(m, board_find(m, "xgbe@700000", &p), -ENOENT,
			   LEND_ERROR_NO_DEVICE, "no node", "described by ACPI",
			   "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOARD_TEST(platform_regions_are_found_by_name),
		BOARD_TEST(platform_interrupts_are_found_by_name),
		BOARD_TEST(platform_regions_have_host_addresses),
		BOARD_TEST(platform_refuses_to_keep_an_unknown_address),
		BOARD_TEST(platform_reports_the_end_of_addresses),
		BOARD_TEST(platform_reports_an_unknown_trigger),
		BOARD_TEST(platform_reports_a_device_without_a_node),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
