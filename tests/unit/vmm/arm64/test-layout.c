// SPDX-License-Identifier: MIT
// An arm64 machine's RAM is in one piece above windows of any size.
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

static uint64_t layout_end_of(struct range r)
{
	return r.base + r.size;
}

/* The windows are large enough and do not overlap. */
static void layout_check(const struct layout *l, const struct layout_need *need,
			 uint64_t ram, unsigned int phys_bits)
{
	const struct range parts[] = {l->ram_low, l->mem32, l->mem64,
				      l->platform, l->ecam};

	assert_int_equal(l->ram_low.size, ram);
	assert_int_equal(l->ram_high.size, 0);
	assert_int_equal(l->ram_low.base % (256 * MIB), 0);
	assert_true(l->ram_low.base < LAYOUT_4G);
	assert_true(l->mem32.size >= need->mem32);
	assert_true(layout_end_of(l->mem32) <= LAYOUT_4G);
	assert_true(l->mem64.size >= need->mem64);
	assert_true(l->platform.size >= need->platform);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].size)
			continue;
		assert_true(parts[i].base >= LAYOUT_LOW_BASE);
		assert_true(layout_end_of(parts[i]) <= 1ull << phys_bits);
		for (size_t k = 0; k < i; k++)
			if (parts[k].size)
				assert_false(
					range_overlaps(parts[i], parts[k]));
	}
}

static void layout_try(void **state, const struct layout_need *need,
		       uint64_t ram, struct layout *l)
{
	assert_int_equal(layout_compute(l, *state, ram, need, 40), 0);
	layout_check(l, need, ram, 40);
}

static void plain_machines_have_ram_at_1_gib(void **state)
{
	struct layout l;

	layout_try(state, &nothing, 128 * MIB, &l);
	assert_int_equal(l.ram_low.base, GIB);
	assert_int_equal(l.platform.size, 0);
	layout_try(state, &nothing, 100 * GIB, &l);
	assert_int_equal(l.ram_low.base, GIB);
}

static void windows_grow_with_the_devices(void **state)
{
	struct layout_need need = {0};
	struct layout l;

	layout_need_add(&need, LAYOUT_PLATFORM, 0x20000);
	layout_need_add(&need, LAYOUT_PLATFORM, 0x60);
	layout_try(state, &need, GIB, &l);
	assert_int_equal(l.ram_low.base, GIB);
	/* More than 512 MiB moves RAM up. */
	layout_need_add(&need, LAYOUT_PLATFORM, 256 * MIB);
	layout_need_add(&need, LAYOUT_BAR_MEM32, 256 * MIB);
	layout_try(state, &need, GIB, &l);
	assert_true(l.ram_low.base > GIB);
	assert_true(layout_end_of(l.platform) <= LAYOUT_4G);
	/* Platform devices that do not fit below 3 GiB go above RAM. */
	layout_need_add(&need, LAYOUT_PLATFORM, 4 * GIB);
	layout_need_add(&need, LAYOUT_BAR_MEM64, 16 * GIB);
	layout_try(state, &need, 8 * GIB, &l);
	assert_true(l.platform.base >= layout_end_of(l.ram_low));
	assert_int_equal(l.platform.base % (4 * GIB), 0);
	assert_true(l.mem64.base >= layout_end_of(l.platform));
}

static void arm64_layout_reports_what_does_not_fit(void **state)
{
	struct layout_need need = {0};
	struct layout l;

	layout_need_add(&need, LAYOUT_BAR_MEM32, 4 * GIB);
	assert_int_equal(layout_compute(&l, *state, GIB, &need, 40), -ENOSPC);
	assert_true(context_says(*state, "4096 MiB"));
	need = nothing;
	layout_need_add(&need, LAYOUT_PLATFORM, 1ull << 39);
	assert_int_equal(layout_compute(&l, *state, GIB, &need, 39), -ENOSPC);
	assert_true(context_says(*state, "524288 MiB for platform devices"));
	layout_need_add(&need, LAYOUT_PLATFORM, 1ull << 63);
	assert_int_equal(layout_compute(&l, *state, GIB, &need, 52), -ENOSPC);
	assert_int_equal(layout_compute(&l, *state, 1ull << 40, &nothing, 40),
			 -ENOSPC);
	assert_true(context_says(*state, "40 address bits"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_machines_have_ram_at_1_gib),
		cmocka_unit_test(windows_grow_with_the_devices),
		cmocka_unit_test(arm64_layout_reports_what_does_not_fit),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
