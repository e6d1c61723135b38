// SPDX-License-Identifier: MIT
// RAM and the window of 64-bit BARs go round what devices cannot reach.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <lend/iommu.h>

#include "tests/unit/vmm/context.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/reach.h"
#include "vmm/x86/memory-map.h"

#define MIB UINT64_C(0x100000)
#define GIB UINT64_C(0x40000000)
#define TIB (1024 * GIB)

#define HOLES_MAX 4

/* What the kernel reports of hosts. */
static const struct host {
	const char *name;
	struct lend_iova_range usable[HOLES_MAX];
	unsigned int count;
} hosts[] = {
	{"amd",
	 {{0, 0xfedfffff},
	  {0xfef00000, UINT64_C(0xfcffffffff)},
	  {UINT64_C(0x10000000000), UINT64_MAX}},
	 3},
	{"intel", {{0, 0xfedfffff}, {0xfef00000, (1ull << 48) - 1}}, 2},
	{"hole at 4 GiB", {{0, 4 * GIB - 1}, {5 * GIB, UINT64_MAX}}, 2},
	{"two holes",
	 {{0, 6 * GIB - 1},
	  {8 * GIB, 9 * GIB + 4095},
	  {40 * GIB + 4096, UINT64_MAX}},
	 3},
};

static struct layout_need holes_need(const struct host *host, unsigned int gpus)
{
	struct layout_need need = {
		.usable = host->usable,
		.usable_count = host->count,
	};

	for (unsigned int i = 0; i < gpus; i++)
		assert_int_equal(
			layout_need_add(&need, LAYOUT_BAR_MEM64, 128 * GIB), 0);
	return need;
}

/* All of it is RAM or reserved, in ascending order. */
static void holes_check_map(const struct layout *layout)
{
	struct memory_map_entry map[MEMORY_MAP_MAX];
	size_t count = memory_map_make(layout, map);
	uint64_t ram = 0;

	for (size_t i = 0; i < count; i++) {
		if (i)
			assert_true(map[i].base >=
				    map[i - 1].base + map[i - 1].size);
		if (map[i].base >= LAYOUT_4G && map[i].type == MEMORY_MAP_RAM)
			ram += map[i].size;
	}
	assert_int_equal(ram, layout->ram_high.size + layout->ram_more.size);
	if (layout->ram_more.size) {
		assert_int_equal(map[count - 2].type, MEMORY_MAP_RESERVED);
		assert_int_equal(map[count - 2].base,
				 layout->ram_high.base + layout->ram_high.size);
		assert_int_equal(map[count - 1].base, layout->ram_more.base);
	}
}

static void holes_check(struct lend_ctx *ctx, const struct host *host,
			uint64_t ram, unsigned int gpus)
{
	struct layout_need need = holes_need(host, gpus);
	struct range pieces[LAYOUT_RAM_MAX];
	uint64_t sum = 0;
	struct layout l;

	assert_int_equal(layout_compute(&l, ctx, ram, &need, 46), 0);
	for (unsigned int i = layout_ram(&l, pieces); i-- > 0;) {
		sum += pieces[i].size;
		if (l.mem64.size)
			assert_false(range_overlaps(pieces[i], l.mem64));
	}
	assert_int_equal(sum, ram);
	assert_int_equal(l.ram_high.base % (2 * MIB), 0);
	assert_int_equal(l.ram_more.base % (2 * MIB), 0);
	assert_int_equal(l.mem64.size, gpus * 256 * GIB);
	assert_int_equal(reach_check(&l, ctx, host->usable, host->count, false),
			 0);
	if (gpus)
		assert_true(layout_usable(&need, l.mem64.base, 1, l.end).size >=
			    l.mem64.size);
	holes_check_map(&l);
}

static void ram_and_windows_go_round_holes(void **state)
{
	static const uint64_t sizes[] = {
		512 * MIB,  3 * GIB, 4 * GIB, 16 * GIB, 512 * GIB,
		1011 * GIB, TIB,     2 * TIB, 4 * TIB,
	};
	const size_t count = sizeof(sizes) / sizeof(sizes[0]);

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		for (size_t j = 0; j < count; j++)
			for (unsigned int gpus = 0; gpus <= 8; gpus += 8)
				holes_check(*state, &hosts[i], sizes[j], gpus);
}

static void a_hole_costs_one_piece_more(void **state)
{
	struct layout_need need = holes_need(&hosts[0], 0);
	struct layout l;

	assert_int_equal(layout_compute(&l, *state, 1011 * GIB, &need, 46), 0);
	assert_int_equal(l.ram_high.size, 1008 * GIB);
	assert_int_equal(l.ram_more.size, 0);
	assert_int_equal(layout_compute(&l, *state, TIB, &need, 46), 0);
	assert_int_equal(l.ram_high.size, 1008 * GIB);
	assert_int_equal(l.ram_more.base, TIB);
	assert_int_equal(l.ram_more.size, 13 * GIB);
}

/* 512 GiB of RAM leave room below the hole, but not for all of the window. */
static void a_window_is_not_across_a_hole(void **state)
{
	struct layout_need need = holes_need(&hosts[0], 8);
	struct layout l;

	assert_int_equal(layout_compute(&l, *state, 512 * GIB, &need, 46), 0);
	assert_int_equal(l.mem64.base, TIB);
	need.mem64 = need.mem64_largest = 128 * GIB;
	assert_int_equal(layout_compute(&l, *state, 512 * GIB, &need, 46), 0);
	assert_int_equal(l.mem64.base, 640 * GIB);
	/* Out of reach rather than too small. */
	assert_int_equal(layout_compute(&l, *state, 700 * GIB, &need, 40), 0);
	assert_int_equal(l.mem64.base, 768 * GIB);
	assert_int_equal(l.mem64.size, 256 * GIB);
}

/* What cannot go round is refused as before, with what would fit. */
static void ram_without_room_is_refused(void **state)
{
	static const struct host narrow = {
		"narrow",
		{{0, 0xfedfffff}, {0xfef00000, (UINT64_C(1) << 39) - 1}},
		2,
	};
	struct layout_need need = holes_need(&narrow, 0);
	struct layout l;

	assert_int_equal(layout_compute(&l, *state, 512 * GIB, &need, 46), 0);
	assert_int_equal(l.ram_more.size, 0);
	assert_int_equal(
		reach_check(&l, *state, narrow.usable, narrow.count, false),
		-ERANGE);
	assert_true(context_says(*state, "-m 523264M or less"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ram_and_windows_go_round_holes),
		cmocka_unit_test(a_hole_costs_one_piece_more),
		cmocka_unit_test(a_window_is_not_across_a_hole),
		cmocka_unit_test(ram_without_room_is_refused),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
