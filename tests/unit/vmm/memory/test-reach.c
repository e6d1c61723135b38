// SPDX-License-Identifier: MIT
// RAM and BAR windows are checked against the IOMMU's ranges.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include <lend/iommu.h>

#include "tests/unit/vmm/context.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/reach.h"

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

struct test {
	struct lend_ctx *ctx;
	unsigned int warnings;
	char warning[256];
};

static void reach_keep_message(void *opaque, enum lend_log_level level,
			       const char *text)
{
	struct test *t = opaque;

	if (level != LEND_LOG_WARNING)
		return;
	t->warnings++;
	snprintf(t->warning, sizeof(t->warning), "%s", text);
}

static int reach_setup(void **state)
{
	static struct test t;
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = reach_keep_message,
		.log_opaque = &t,
	};

	t = (struct test){};
	*state = &t;
	return lend_ctx_new(&options, &t.ctx);
}

static int reach_teardown(void **state)
{
	struct test *t = *state;

	lend_ctx_unref(t->ctx);
	return 0;
}

/* VT-d with 39 bits, as in laptops. */
static const struct lend_iova_range narrow[] = {
	{0, 0xfedfffff},
	{0xfef00000, (UINT64_C(1) << 39) - 1},
};

/* AMD's IOMMU, with the HyperTransport hole below 1 TiB. */
static const struct lend_iova_range holed[] = {
	{0, 0xfedfffff},
	{0xfef00000, UINT64_C(0xfcffffffff)},
	{UINT64_C(0x10000000000), UINT64_MAX},
};

static int reach_check_ranges(struct test *t, uint64_t ram, uint64_t bar,
			      const struct lend_iova_range *ranges,
			      unsigned int count)
{
	struct layout_need need = {};
	struct layout layout;

	layout_need_add(&need, LAYOUT_BAR_MEM64, bar);
	assert_int_equal(layout_compute(&layout, t->ctx, ram, &need, 46), 0);
	return reach_check(&layout, t->ctx, ranges, count, true);
}

static void ram_must_be_reached(void **state)
{
	struct test *t = *state;

	assert_int_equal(reach_check_ranges(t, 4 * GIB, 0, narrow, 2), 0);
	assert_int_equal(reach_check_ranges(t, 511 * GIB, 0, narrow, 2), 0);
	assert_int_equal(reach_check_ranges(t, 512 * GIB, 0, narrow, 2),
			 -ERANGE);
	assert_true(context_says(t->ctx, "0x100000000 to 0x803fffffff"));
	assert_true(context_says(t->ctx, "usable: 0xfef00000 to 0x7fffffffff"));
	/* 508 GiB from 4 GiB on, and 3 GiB below the hole. */
	assert_true(context_says(t->ctx, "-m 523264M or less"));
	assert_int_equal(reach_check_ranges(t, 1000 * GIB, 0, holed, 3), 0);
	assert_int_equal(reach_check_ranges(t, 1012 * GIB, 0, holed, 3),
			 -ERANGE);
	/* Without ranges from the kernel, nothing is checked. */
	assert_int_equal(reach_check_ranges(t, 1012 * GIB, 0, NULL, 0), 0);
	assert_int_equal(t->warnings, 0);
}

static void a_hole_low_in_ram_is_reported(void **state)
{
	static const struct lend_iova_range late[] = {{16 * MIB, UINT64_MAX}};
	static const struct lend_iova_range split[] = {
		{0, 64 * MIB - 1},
		{65 * MIB, UINT64_MAX},
	};
	struct test *t = *state;

	assert_int_equal(reach_check_ranges(t, 128 * MIB, 0, late, 1), -ERANGE);
	assert_string_equal(lend_ctx_error(t->ctx)->remedy, "");
	assert_int_equal(reach_check_ranges(t, 128 * MIB, 0, split, 2),
			 -ERANGE);
	assert_true(context_says(t->ctx, "-m 64M or less"));
}

static void windows_matter_for_peer_to_peer_only(void **state)
{
	struct test *t = *state;
	struct layout_need need = {};
	struct layout layout;

	assert_int_equal(reach_check_ranges(t, 4 * GIB, 64 * GIB, narrow, 2),
			 0);
	assert_int_equal(t->warnings, 0);
	assert_int_equal(reach_check_ranges(t, 4 * GIB, 1024 * GIB, narrow, 2),
			 0);
	assert_int_equal(t->warnings, 1);
	assert_non_null(strstr(t->warning, "at 0x10000000000 to "));

	layout_need_add(&need, LAYOUT_BAR_MEM64, 1024 * GIB);
	assert_int_equal(layout_compute(&layout, t->ctx, GIB, &need, 46), 0);
	assert_int_equal(reach_check(&layout, t->ctx, narrow, 2, false), 0);
	assert_int_equal(t->warnings, 1);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, reach_setup, reach_teardown)
	const struct CMUnitTest tests[] = {
		TEST(ram_must_be_reached),
		TEST(a_hole_low_in_ram_is_reported),
		TEST(windows_matter_for_peer_to_peer_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
