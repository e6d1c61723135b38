// SPDX-License-Identifier: MIT
// Devices bound, checked and described by programs of other releases.

#include <libfdt.h>

#include "guarded.h"
#include "tests/unit/lib/platform/board.h"

static int call_bind(void *opaque, const void *given)
{
	struct machine *m = opaque;

	return lend_bind(m->ctx, NULL, 0, given);
}

static int call_restore(void *opaque, const void *given)
{
	struct machine *m = opaque;

	return lend_restore(m->ctx, NULL, 0, given);
}

static void bindings_of_other_releases(void **state)
{
	static const struct lend_bind_options options;
	struct machine *m = *state;
	struct sized_reader reader = {
		.name = "lend_bind_options",
		.first = offsetofend(struct lend_bind_options, reserved),
		.known = offsetofend(struct lend_bind_options, unrecorded),
		.call = call_bind,
		.opaque = m,
		.error = m->error,
	};

	sized_check(&reader, &options);
	reader.call = call_restore;
	sized_check(&reader, &options);
}

static int call_check(void *opaque, const void *given)
{
	struct machine *m = opaque;

	return lend_check(m->ctx, NULL, 0, given);
}

static void checks_of_other_releases(void **state)
{
	static const struct lend_check_options options;
	struct machine *m = *state;
	const struct sized_reader reader = {
		.name = "lend_check_options",
		.first = offsetofend(struct lend_check_options, opaque),
		.known = offsetofend(struct lend_check_options, opaque),
		.call = call_check,
		.opaque = m,
		.error = m->error,
	};

	sized_check(&reader, &options);
}

static int call_prepare(void *opaque, const void *given)
{
	return lend_platform_prepare(opaque, given);
}

static int call_write(void *opaque, const void *given)
{
	static char fdt[1 << 14];

	assert_int_equal(fdt_create_empty_tree(fdt, sizeof(fdt)), 0);
	assert_int_equal(fdt_setprop_u32(fdt, 0, "#address-cells", 2), 0);
	assert_int_equal(fdt_setprop_u32(fdt, 0, "#size-cells", 2), 0);
	return lend_platform_write(opaque, given, fdt, 0);
}

static void nodes_of_other_releases(void **state)
{
	static const uint64_t addresses[] = {0xc000000, 0xc080000, 0xc100000,
					     0xc110000, 0xc120000};
	static const uint32_t spis[] = {64, 65, 66, 67, 68, 69};
	const struct lend_platform_options options = {.keep_addresses = true};
	const struct lend_platform_place place = {
		.addresses = addresses,
		.spis = spis,
	};
	struct machine *m = *state;
	struct lend_platform *p;
	struct sized_reader reader = {
		.name = "lend_platform_options",
		.first = offsetofend(struct lend_platform_options, reserved),
		.known = offsetofend(struct lend_platform_options,
				     keep_addresses),
		.call = call_prepare,
		.error = m->error,
	};

	assert_int_equal(board_find(m, "xgbe@700000", &p), 0);
	reader.opaque = p;
	sized_check(&reader, &options);
	reader.name = "lend_platform_place";
	reader.first = offsetofend(struct lend_platform_place, spis);
	reader.known = offsetofend(struct lend_platform_place, spis);
	reader.call = call_write;
	assert_int_equal(lend_platform_prepare(p, NULL), 0);
	sized_check(&reader, &place);
	/* Without a place there is nowhere to put it. */
	assert_int_equal(call_write(p, NULL), -EINVAL);
	assert_int_equal(m->error->code, LEND_ERROR_ARGUMENT);
	lend_platform_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(bindings_of_other_releases),
		MACHINE_TEST(checks_of_other_releases),
		BOARD_TEST(nodes_of_other_releases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
