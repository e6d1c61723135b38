// SPDX-License-Identifier: MIT
// RAM and windows are placed around the hole, for any size of RAM and BARs.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/memory/layout.h"

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)

static const struct layout_need nothing;

static void ram_goes_around_the_hole(void **state)
{
	static const struct {
		uint64_t ram, low, high;
	} cases[] = {
		{1 * MIB, 1 * MIB, 0},
		{512 * MIB, 512 * MIB, 0},
		{3 * GIB - 4096, 3 * GIB - 4096, 0},
		{3 * GIB, 3 * GIB, 0},
		{3 * GIB + 4096, 3 * GIB, 4096},
		{4 * GIB, 3 * GIB, 1 * GIB},
		{64 * GIB, 3 * GIB, 61 * GIB},
	};
	struct layout l;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			layout_compute(&l, *state, cases[i].ram, &nothing, 40),
			0);
		assert_int_equal(l.ram_low.base, 0);
		assert_int_equal(l.ram_low.size, cases[i].low);
		assert_int_equal(l.ram_high.base, 4 * GIB);
		assert_int_equal(l.ram_high.size, cases[i].high);
		assert_true(l.ram_low.size <= l.mem32.base);
		assert_false(range_overlaps(l.mem32, l.ecam));
		assert_int_equal(l.mem64.size, 0);
	}
}

/* Even without a device at the start; where there is no room, no window. */
static void spare_slots_have_a_large_window(void **state)
{
	struct layout_need need = {.spare = 1};
	struct layout l;

	assert_int_equal(layout_compute(&l, *state, 1 * GIB, &need, 46), 0);
	assert_int_equal(l.mem64.size, 1024 * GIB);
	assert_int_equal(layout_compute(&l, *state, 1 * GIB, &need, 39), 0);
	assert_int_equal(l.mem64.base + l.mem64.size, 512 * GIB);
	assert_int_equal(layout_compute(&l, *state, 63 * GIB, &need, 36), 0);
	assert_int_equal(l.mem64.size, 0);
	need.mem64 = need.mem64_largest = 1024 * GIB;
	assert_int_equal(layout_compute(&l, *state, 1 * GIB, &need, 46), 0);
	assert_int_equal(l.mem64.size, 2048 * GIB);
}

static void tables_are_below_the_hole(void **state)
{
	struct layout_need need = {.tables = 0x3000};
	struct layout l;

	assert_int_equal(layout_compute(&l, *state, 4 * GIB, &need, 40), 0);
	assert_int_equal(l.tables.base, 3 * GIB - 0x3000);
	assert_int_equal(l.tables.size, 0x3000);
	assert_int_equal(layout_free_end(&l), 3 * GIB - 0x3000);
	assert_int_equal(l.ram_low.size, 3 * GIB);
	need.tables = 1 * MIB;
	assert_int_equal(layout_compute(&l, *state, 1 * MIB, &need, 40),
			 -ENOSPC);
}

static void video_memory_is_not_ram(void **state)
{
	const struct layout_need need = {.vga = true};
	struct range r[LAYOUT_RAM_MAX];
	struct layout l;

	assert_int_equal(layout_compute(&l, *state, 4 * GIB, &nothing, 40), 0);
	assert_int_equal(layout_ram(&l, r), 2);
	assert_int_equal(r[0].base, 0);
	assert_int_equal(r[0].size, 3 * GIB);
	assert_int_equal(r[1].base, 4 * GIB);
	assert_int_equal(r[1].size, 1 * GIB);
	assert_int_equal(layout_compute(&l, *state, 4 * GIB, &need, 40), 0);
	assert_int_equal(layout_ram(&l, r), 3);
	assert_int_equal(r[0].base, 0);
	assert_int_equal(r[0].size, 0xa0000);
	assert_int_equal(r[1].base, 0xc0000);
	assert_int_equal(r[1].size, 3 * GIB - 0xc0000);
	assert_int_equal(r[2].size, 1 * GIB);
	assert_int_equal(layout_compute(&l, *state, 1 * MIB, &need, 40), 0);
	assert_int_equal(layout_ram(&l, r), 2);
	assert_int_equal(r[1].size, 0x40000);
}

static void windows_hold_any_order_of_bars(void **state)
{
	struct layout_need need = {0};
	struct layout l;

	/* BAR sizes of a large GPU and its companion functions. */
	assert_int_equal(layout_need_add(&need, LAYOUT_BAR_MEM64, 128 * GIB),
			 0);
	assert_int_equal(layout_need_add(&need, LAYOUT_BAR_MEM64, 32 * MIB), 0);
	assert_int_equal(layout_need_add(&need, LAYOUT_BAR_MEM32, 16 * MIB), 0);
	assert_int_equal(layout_need_add(&need, LAYOUT_BAR_MEM32, 100), 0);
	assert_int_equal(layout_need_add(&need, LAYOUT_BAR_IO, 128), 0);
	assert_int_equal(need.mem32, 16 * MIB + 4096);
	assert_int_equal(layout_compute(&l, *state, 8 * GIB, &need, 46), 0);
	assert_int_equal(l.mem64.base % (128 * GIB), 0);
	assert_true(l.mem64.size >= 2 * (128 * GIB + 32 * MIB));
	assert_true(l.mem64.base >= l.ram_high.base + l.ram_high.size);
	assert_true(l.mem64.base + l.mem64.size <= 1ull << 46);
	assert_int_equal(l.mem32.base % (16 * MIB), 0);
	assert_true(l.mem32.size >= 2 * need.mem32);
}

static void large_32_bit_bars_push_ram_up(void **state)
{
	struct layout_need need = {0};
	struct layout l;

	layout_need_add(&need, LAYOUT_BAR_MEM32, 512 * MIB);
	layout_need_add(&need, LAYOUT_BAR_MEM32, 256 * MIB);
	assert_int_equal(layout_compute(&l, *state, 4 * GIB, &need, 40), 0);
	assert_true(l.ram_low.size < 3 * GIB);
	assert_int_equal(l.ram_low.size + l.ram_high.size, 4 * GIB);
	assert_int_equal(l.mem32.base % (512 * MIB), 0);
	assert_true(l.mem32.size >= need.mem32);
	assert_true(l.mem32.base >= l.ram_low.size);
	assert_true(l.mem32.base + l.mem32.size <= LAYOUT_ECAM_BASE);
}

/* 384 GiB in 39 bits: just enough address space. */
static void few_address_bits_are_used_fully(void **state)
{
	struct layout_need need = {0};
	struct layout l;

	for (int i = 0; i < 6; i++)
		layout_need_add(&need, LAYOUT_BAR_MEM64, 64 * GIB);
	assert_int_equal(layout_compute(&l, *state, 8 * GIB, &need, 39), 0);
	assert_int_equal(l.mem64.base, 64 * GIB);
	assert_int_equal(l.mem64.size, 448 * GIB);
	assert_int_equal(l.end, 512 * GIB);
	layout_need_add(&need, LAYOUT_BAR_MEM64, 64 * GIB);
	assert_int_equal(layout_compute(&l, *state, 8 * GIB, &need, 39), 0);
	layout_need_add(&need, LAYOUT_BAR_MEM64, 4096);
	assert_int_equal(layout_compute(&l, *state, 8 * GIB, &need, 39),
			 -ENOSPC);
}

/* 1 MiB of config space for each bus, which overlaps nothing else. */
static void config_space_grows_with_the_buses(void **state)
{
	static const struct {
		unsigned int bridges;
		uint64_t base;
	} cases[] = {
		{0, 0xfea00000},   {1, 0xfea00000},   {2, 0xfdc00000},
		{7, 0xfd800000},   {15, 0xfd000000},  {39, 0xf8000000},
		{100, 0xf0000000}, {248, 0xe0000000},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct layout_need need = {.bridges = cases[i].bridges};
		struct layout l;

		need.mem32 = cases[i].bridges * MIB;
		assert_int_equal(layout_compute(&l, *state, 4 * GIB, &need, 40),
				 0);
		assert_true(l.ecam.base == cases[i].base);
		assert_true(l.ecam.size == (cases[i].bridges + 1) * MIB);
		assert_false(range_overlaps(l.ecam, l.mem32));
		assert_true(l.ecam.base + l.ecam.size <= LAYOUT_IOAPIC_BASE);
		assert_true(l.mem32.size >= 2 * need.mem32);
		assert_true(l.mem32.base >= l.ram_low.size);
	}
}

static void bridges_have_windows_of_their_own(void **state)
{
	struct layout_need below = {.is_bridge = true}, need = {0};
	struct layout l;

	layout_need_add(&below, LAYOUT_BAR_MEM32, 16384);
	layout_need_add(&below, LAYOUT_BAR_MEM64, 16 * GIB);
	layout_need_add(&below, LAYOUT_BAR_MEM64, 32 * MIB);
	for (unsigned int i = 0; i < 4; i++)
		assert_int_equal(layout_need_add_bridge(&need, &below), 0);
	assert_int_equal(need.bridges, 4);
	assert_int_equal(need.mem32, 4 * MIB);
	/* Aligned to 16 GiB, each takes 32 until the next. */
	assert_true(need.mem64 == 4 * 32 * GIB);
	assert_true(need.mem64_largest == 16 * GIB);
	assert_int_equal(layout_compute(&l, *state, GIB, &need, 40), 0);
	assert_true(l.mem64.size >= 2 * need.mem64);
	below.mem64 = UINT64_MAX - 5;
	assert_int_equal(layout_need_add_bridge(&need, &below), -EOVERFLOW);
}

static void bridges_share_the_io_ports(void **state)
{
	struct layout_need need = {.io = 32, .bridges = 20, .io_bridges = 14};
	struct layout l;

	assert_int_equal(layout_compute(&l, *state, GIB, &need, 40), 0);
	assert_true(l.io.size >= 15 * 4096);
	/* Too few I/O addresses are no error: drivers work without I/O BARs. */
	need.io_bridges = 20;
	assert_int_equal(layout_compute(&l, *state, GIB, &need, 40), 0);
}

static void x86_layout_reports_what_does_not_fit(void **state)
{
	struct layout_need need = {0};
	struct layout l;

	layout_need_add(&need, LAYOUT_PLATFORM, MIB);
	assert_int_equal(layout_compute(&l, *state, GIB, &need, 40), -ENOTSUP);
	need = nothing;
	layout_need_add(&need, LAYOUT_BAR_MEM32, 4 * GIB);
	assert_int_equal(layout_compute(&l, *state, GIB, &need, 40), -ENOSPC);
	assert_true(context_says(*state, "32-bit BARs"));

	need = (struct layout_need){0};
	layout_need_add(&need, LAYOUT_BAR_MEM64, 1ull << 39);
	assert_int_equal(layout_compute(&l, *state, GIB, &need, 39), -ENOSPC);
	assert_true(context_says(*state, "39 address bits"));

	assert_int_equal(layout_compute(&l, *state, 1ull << 40, &nothing, 40),
			 -ENOSPC);
	assert_true(context_says(*state, "40 address bits"));

	need = (struct layout_need){.io = 0x10000};
	assert_int_equal(layout_compute(&l, *state, GIB, &need, 40), -ENOSPC);
	assert_true(context_says(*state, "I/O BARs"));
}

static void sizes_that_wrap_are_refused(void **state)
{
	struct layout_need need = {0};

	(void)state;
	assert_int_equal(layout_need_add(&need, LAYOUT_BAR_MEM64, UINT64_MAX),
			 -EOVERFLOW);
	assert_int_equal(layout_need_add(&need, LAYOUT_BAR_MEM64, 1ull << 63),
			 0);
	assert_int_equal(layout_need_add(&need, LAYOUT_BAR_MEM64, 1ull << 63),
			 -EOVERFLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ram_goes_around_the_hole),
		cmocka_unit_test(spare_slots_have_a_large_window),
		cmocka_unit_test(tables_are_below_the_hole),
		cmocka_unit_test(video_memory_is_not_ram),
		cmocka_unit_test(windows_hold_any_order_of_bars),
		cmocka_unit_test(large_32_bit_bars_push_ram_up),
		cmocka_unit_test(few_address_bits_are_used_fully),
		cmocka_unit_test(config_space_grows_with_the_buses),
		cmocka_unit_test(bridges_have_windows_of_their_own),
		cmocka_unit_test(bridges_share_the_io_ports),
		cmocka_unit_test(x86_layout_reports_what_does_not_fit),
		cmocka_unit_test(sizes_that_wrap_are_refused),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
