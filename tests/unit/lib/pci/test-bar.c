// SPDX-License-Identifier: MIT
// BARs: valid and invalid ones of devices, and the sizing protocol.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "image.h"

static struct config config;
static struct bar bars[BAR_COUNT];

static void bar_build(void)
{
	uint8_t image[CONFIG_SIZE];
	struct config_source source = {.image = image, .size = CONFIG_SIZE};
	const char *fault;

	image_full(image);
	assert_int_equal(bar_probe(bars, image, image_full_sizes, &fault), 0);
	assert_int_equal(config_build(&config, &source, bars, &fault), 0);
}

/* What a guest does, with what lend does after a write. */
static void bar_config_put(unsigned int at, unsigned int size, uint32_t value)
{
	unsigned int i;

	config_apply_write(&config, at, size, value);
	for (i = 0; i < BAR_COUNT; i++)
		bar_written(&bars[i], &config, at, size);
}

static uint32_t bar_config_get(unsigned int at)
{
	static const uint8_t none[4];

	assert_false(config_read_needs_device(&config, at, 4));
	return config_merge(&config, at, 4, none);
}

static bool bar_is_at(unsigned int bar, uint64_t *base)
{
	return bar_wanted(&bars[bar], &config, base);
}

static void bar_expect_at(unsigned int bar, uint64_t want)
{
	uint64_t base;

	assert_true(bar_is_at(bar, &base));
	assert_int_equal(base, want);
	bars[bar].placed = true;
	bars[bar].base = base;
}

static void probe_kinds(void **state)
{
	(void)state;
	bar_build();
	assert_int_equal(bars[0].guest.size, 0x4000);
	assert_true(bars[0].guest.is_64bit);
	assert_false(bars[0].guest.prefetchable);
	assert_int_equal(bars[1].guest.size, 0);
	assert_true(bars[2].guest.io);
	assert_int_equal(bars[2].guest.size, 0x20);
	assert_true(bars[4].guest.prefetchable);
	assert_int_equal(bars[6].guest.size, 0x10000);
}

static void probe_nonsense(void **state)
{
	static const struct {
		unsigned int bar;
		uint32_t flags;
		uint64_t size;
		bool good;
	} cases[] = {
		{0, 0x0, 0x1000, true},
		{0, 0x0, 0x1800, false},
		{0, 0x0, 8, false},
		{0, 0x0, 1ull << 31, true},
		{0, 0x0, 1ull << 32, false},
		{0, 0xc, 1ull << 36, true},
		{0, 0xc, 1ull << 63, true},
		{5, 0x4, 0x1000, false},
		{5, 0x0, 0x1000, true},
		{1, 0x1, 4, true},
		{1, 0x1, 2, false},
		{1, 0x1, 0x10000, true},
		{1, 0x1, 0x20000, false},
		{3, 0x6, 0x1000, true}, /* a reserved kind is a 32-bit one */
		{3, 0x0, UINT64_MAX, false},
	};
	uint8_t image[CONFIG_SIZE];
	uint64_t sizes[BAR_COUNT];
	const char *fault;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		image_blank(image);
		memset(sizes, 0, sizeof(sizes));
		image_put(image, 0x10 + cases[i].bar * 4, 4, cases[i].flags);
		sizes[cases[i].bar] = cases[i].size;
		assert_int_equal(bar_probe(bars, image, sizes, &fault),
				 cases[i].good ? 0 : -74);
		assert_int_equal(!fault, cases[i].good);
	}
}

static void rom_sizes_are_rounded_up(void **state)
{
	uint8_t image[CONFIG_SIZE];
	uint64_t sizes[BAR_COUNT] = {[6] = 0xc5a0};
	const char *fault;

	(void)state;
	image_blank(image);
	assert_int_equal(bar_probe(bars, image, sizes, &fault), 0);
	assert_int_equal(bars[6].guest.size, 0x10000);
	sizes[6] = 100;
	assert_int_equal(bar_probe(bars, image, sizes, &fault), 0);
	assert_int_equal(bars[6].guest.size, 2048);
	sizes[6] = UINT64_MAX;
	assert_int_equal(bar_probe(bars, image, sizes, &fault), 0);
	assert_int_equal(bars[6].guest.size, 0);
}

/* As Linux sizes: decode off, all ones, read, put back. */
static void size_with_decode_off(void **state)
{
	static const struct {
		unsigned int reg;
		uint32_t ones;
		uint32_t reads;
	} regs[] = {
		{0x10, 0xffffffff, 0xffffc004}, {0x14, 0xffffffff, 0xffffffff},
		{0x18, 0xffffffff, 0xffffffe1}, {0x1c, 0xffffffff, 0},
		{0x20, 0xffffffff, 0xffff000c}, {0x24, 0xffffffff, 0xffffffff},
		{0x30, 0xfffff800, 0xffff0000},
	};
	uint64_t base;
	unsigned int i, b;

	(void)state;
	bar_build();
	for (i = 0; i < sizeof(regs) / sizeof(regs[0]); i++) {
		uint32_t was = bar_config_get(regs[i].reg);

		bar_config_put(regs[i].reg, 4, regs[i].ones);
		assert_int_equal(bar_config_get(regs[i].reg), regs[i].reads);
		for (b = 0; b < BAR_COUNT; b++)
			assert_false(bar_is_at(b, &base));
		bar_config_put(regs[i].reg, 4, was);
		assert_int_equal(bar_config_get(regs[i].reg), was);
	}
}

static void decode_places(void **state)
{
	uint64_t base;

	(void)state;
	bar_build();
	bar_config_put(0x10, 4, 0xc0000000);
	bar_config_put(0x14, 4, 0x1);
	bar_config_put(0x18, 4, 0x1000);
	bar_config_put(0x20, 4, 0xd0000000);
	bar_config_put(0x30, 4, 0xe0000001);
	assert_false(bar_is_at(0, &base));
	bar_config_put(0x04, 2, 0x2);
	bar_expect_at(0, 0x1c0000000);
	bar_expect_at(4, 0xd0000000);
	bar_expect_at(6, 0xe0000000);
	assert_false(bar_is_at(2, &base));
	bar_config_put(0x04, 2, 0x1);
	assert_false(bar_is_at(0, &base));
	assert_false(bar_is_at(6, &base));
	bar_expect_at(2, 0x1000);
	bar_config_put(0x04, 2, 0x2);
	bar_config_put(0x30, 4, 0xe0000000);
	assert_false(bar_is_at(6, &base));
}

static void sizing_with_decode_on_stays(void **state)
{
	(void)state;
	bar_build();
	bar_config_put(0x10, 4, 0xc0000000);
	bar_config_put(0x14, 4, 0x1);
	bar_config_put(0x04, 2, 0x2);
	bar_expect_at(0, 0x1c0000000);
	bar_config_put(0x10, 4, 0xffffffff);
	bar_expect_at(0, 0x1c0000000);
	bar_config_put(0x14, 4, 0xffffffff);
	bar_expect_at(0, 0x1c0000000);
	bar_config_put(0x10, 4, 0xc0000000);
	bar_expect_at(0, 0x1c0000000);
	bar_config_put(0x14, 4, 0x1);
	bar_expect_at(0, 0x1c0000000);
	bar_config_put(0x10, 4, 0xc1000000);
	bar_expect_at(0, 0x1c1000000);
}

/* Part of a register at a time, as no system does but any guest can. */
static void bytes_make_an_address(void **state)
{
	unsigned int i;

	(void)state;
	bar_build();
	bar_config_put(0x04, 2, 0x2);
	bar_config_put(0x10, 2, 0x8000);
	bar_expect_at(0, 0x8000);
	bar_config_put(0x12, 1, 0x34);
	bar_expect_at(0, 0x348000);
	bar_config_put(0x13, 1, 0xc0);
	bar_expect_at(0, 0xc0348000);
	for (i = 0x10; i < 0x14; i++)
		bar_config_put(i, 1, 0xff);
	bar_expect_at(0,
		      0xc0348000); /* the last made it a request for the size */
}

static void values_that_are_no_place(void **state)
{
	uint64_t base;

	(void)state;
	bar_build();
	bar_config_put(0x04, 2, 0x3);
	assert_false(bar_is_at(0, &base)); /* 0 */
	bar_config_put(0x04, 2, 0x0);
	bar_config_put(0x10, 4, 0xffffffff);
	bar_config_put(0x14, 4, 0xffffffff);
	bar_config_put(0x20, 4, 0xfffff000);
	bar_config_put(0x24, 4, 0xfffffffe);
	bar_config_put(0x04, 2, 0x3);
	assert_false(
		bar_is_at(0, &base)); /* all ones, decode switched on over it */
	bar_expect_at(4, 0xfffffffeffff0000);
}

static void power_states_stop_decoding(void **state)
{
	uint64_t base;

	(void)state;
	bar_build();
	bar_config_put(0x10, 4, 0xc0000000);
	bar_config_put(0x04, 2, 0x2);
	bar_expect_at(0, 0xc0000000);
	bar_config_put(0x44, 2, 0x3);
	assert_false(bar_is_at(0, &base));
	bar_config_put(0x44, 2, 0x0);
	bar_expect_at(0, 0xc0000000);
}

static void largest_32bit_bar(void **state)
{
	uint8_t image[CONFIG_SIZE];
	uint64_t sizes[BAR_COUNT] = {[0] = 1ull << 31};
	struct config_source source = {.image = image, .size = CONFIG_SIZE};
	const char *fault;

	(void)state;
	image_blank(image);
	assert_int_equal(bar_probe(bars, image, sizes, &fault), 0);
	assert_int_equal(config_build(&config, &source, bars, &fault), 0);
	bar_config_put(0x10, 4, 0xffffffff);
	assert_int_equal(bar_config_get(0x10), 0x80000000);
	bar_config_put(0x04, 2, 0x2);
	bar_expect_at(0, 0x80000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probe_kinds),
		cmocka_unit_test(probe_nonsense),
		cmocka_unit_test(rom_sizes_are_rounded_up),
		cmocka_unit_test(size_with_decode_off),
		cmocka_unit_test(decode_places),
		cmocka_unit_test(sizing_with_decode_on_stays),
		cmocka_unit_test(bytes_make_an_address),
		cmocka_unit_test(values_that_are_no_place),
		cmocka_unit_test(power_states_stop_decoding),
		cmocka_unit_test(largest_32bit_bar),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
