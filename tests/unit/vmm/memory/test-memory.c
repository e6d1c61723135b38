// SPDX-License-Identifier: MIT
// Guest RAM: contiguous blocks, anonymous or in a file, found by guest address.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"

#define MIB UINT64_C(0x100000)

static const struct layout two = {
	.ram_low = {0, 3 * MIB},
	.ram_high = {LAYOUT_4G, 2 * MIB},
};

static void blocks_follow_each_other(void **state)
{
	struct memory m;

	assert_int_equal(
		memory_open(&m, *state, &two, &(struct memory_options){0}), 0);
	assert_int_equal(m.count, 2);
	assert_int_equal(m.blocks[0].range.base, 0);
	assert_int_equal(m.blocks[1].range.base, LAYOUT_4G);
	assert_ptr_equal((char *)m.blocks[0].vaddr + 3 * MIB,
			 m.blocks[1].vaddr);
	/* Aligned, so that second-level page tables can use large pages. */
	assert_int_equal((uintptr_t)m.base % (2 * MIB), 0);
	memory_close(&m);
	memory_close(&m); /* a second close is harmless */
	assert_int_equal(m.fd, -1);
}

static void addresses_outside_have_no_memory(void **state)
{
	struct memory m;

	assert_int_equal(
		memory_open(&m, *state, &two, &(struct memory_options){0}), 0);
	assert_ptr_equal(memory_at(&m, 0, 3 * MIB), m.blocks[0].vaddr);
	assert_null(memory_at(&m, 0, 3 * MIB + 1));
	assert_null(memory_at(&m, 3 * MIB, 1));
	assert_null(memory_at(&m, 3 * MIB - 1, 2));
	assert_null(memory_at(&m, LAYOUT_4G - 1, 2));
	assert_non_null(memory_at(&m, LAYOUT_4G + 2 * MIB - 1, 1));
	assert_null(memory_at(&m, LAYOUT_4G + 2 * MIB, 1));
	assert_null(memory_at(&m, UINT64_MAX, 2));
	assert_null(memory_at(&m, 1, UINT64_MAX));
	memory_close(&m);
}

static void a_directory_can_back_ram(void **state)
{
	const struct memory_options in_tmp = {.path = "/tmp", .prealloc = true};
	const struct memory_options nowhere = {.path = "/nonexistent"};
	struct memory m;

	assert_int_equal(memory_open(&m, *state, &two, &in_tmp), 0);
	*(char *)memory_at(&m, LAYOUT_4G, 1) = 'x';
	memory_close(&m);
	assert_int_equal(memory_open(&m, *state, &two, &nowhere), -ENOENT);
	assert_true(context_says(*state, "-mem-path"));
	assert_int_equal(m.fd, -1);
}

static void too_much_ram_is_refused(void **state)
{
	const struct layout huge = {.ram_low = {0, 1ull << 46}};
	struct memory m;

	assert_int_equal(
		memory_open(&m, *state, &huge, &(struct memory_options){0}),
		-ENOMEM);
	assert_true(context_says(*state, "67108864 MiB required"));
	assert_true(context_says(*state, "available"));
	assert_true(context_says(*state, "smaller -m"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_follow_each_other),
		cmocka_unit_test(addresses_outside_have_no_memory),
		cmocka_unit_test(a_directory_can_back_ram),
		cmocka_unit_test(too_much_ram_is_refused),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
