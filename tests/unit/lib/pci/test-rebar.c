// SPDX-License-Identifier: MIT
// Resizable BARs: each shows its current size only, and is read-only.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "image.h"

enum { REBAR = 0x240 };

static const uint8_t device[4] = {0xff, 0xff, 0xff, 0xff};

struct state {
	uint8_t image[CONFIG_SIZE];
	uint64_t sizes[BAR_COUNT];
	struct config config;
	unsigned int warnings;
};

static void rebar_test_note(void *opaque, enum lend_log_level level,
			    const char *text)
{
	struct state *s = opaque;

	(void)text;
	s->warnings += level == LEND_LOG_WARNING;
}

/* The full image with BAR 0 and 4 of these sizes, and a capability for as many
 * of them, whose control registers name these. */
static void rebar_test_build(struct state *s, uint64_t first, uint64_t second,
			     unsigned int count, unsigned int one,
			     unsigned int other)
{
	struct config_source source = {
		.image = s->image,
		.size = CONFIG_SIZE,
		.msi_count = 4,
		.msix_count = 8,
		.note = rebar_test_note,
		.note_opaque = s,
	};
	struct bar bars[BAR_COUNT];
	const char *fault;

	memset(s, 0, sizeof(*s));
	memcpy(s->sizes, image_full_sizes, sizeof(s->sizes));
	s->sizes[0] = first;
	s->sizes[4] = second;
	image_full(s->image);
	image_add_extended(s->image, 0x220, REBAR, 0x15, 1);
	image_put(s->image, REBAR + 4, 4, 0x007ffff0);
	image_put(s->image, REBAR + 8, 4, 0x00ff0000 | count << 5 | one);
	image_put(s->image, REBAR + 12, 4, 0x007ffff0);
	image_put(s->image, REBAR + 16, 4, 0x1500 | other);
	assert_int_equal(bar_probe(bars, s->image, s->sizes, &fault), 0);
	assert_int_equal(config_build(&s->config, &source, bars, &fault), 0);
}

static uint32_t rebar_test_get(struct state *s, unsigned int at)
{
	assert_false(config_read_needs_device(&s->config, at, 4));
	return config_merge(&s->config, at, 4, device);
}

static void one_size_for_each(void **state)
{
	struct state s;
	unsigned int at;

	(void)state;
	rebar_test_build(&s, 1 << 20, 1ull << 36, 2, 0, 4);
	/* The vendor's is before it, and ARI between them is gone. */
	assert_int_equal(rebar_test_get(&s, 0x200) >> 20, REBAR);
	assert_int_equal(rebar_test_get(&s, REBAR), 0x00010015);
	assert_int_equal(rebar_test_get(&s, REBAR + 4), 1 << 4);
	assert_int_equal(rebar_test_get(&s, REBAR + 8), 0x40);
	assert_int_equal(rebar_test_get(&s, REBAR + 12), 1 << 20);
	assert_int_equal(rebar_test_get(&s, REBAR + 16), 16 << 8 | 4);
	for (at = REBAR; at < REBAR + 20; at += 4) {
		uint32_t before = rebar_test_get(&s, at);

		assert_int_equal(
			config_apply_write(&s.config, at, 4, 0xffffffff).size,
			0);
		assert_int_equal(rebar_test_get(&s, at), before);
	}
	assert_int_equal(s.warnings, 0);
}

static void enormous_ones(void **state)
{
	struct state s;

	(void)state;
	rebar_test_build(&s, 1ull << 47, 1ull << 48, 2, 0, 4);
	assert_int_equal(rebar_test_get(&s, REBAR + 4), 1u << 31);
	assert_int_equal(rebar_test_get(&s, REBAR + 8), 27 << 8 | 0x40);
	assert_int_equal(rebar_test_get(&s, REBAR + 12), 0);
	assert_int_equal(rebar_test_get(&s, REBAR + 16), 1 << 16 | 28 << 8 | 4);
}

/* Hidden whole, with a warning, and its registers with it. */
static void expect_hidden(struct state *s)
{
	assert_int_equal(rebar_test_get(s, 0x200) >> 20, 0);
	assert_int_equal(rebar_test_get(s, REBAR), 0);
	assert_int_equal(s->warnings, 1);
}

static void nonsense_is_hidden(void **state)
{
	struct state s;

	(void)state;
	rebar_test_build(&s, 1 << 20, 1 << 19, 2, 0,
			 4); /* less than its unit */
	expect_hidden(&s);
	rebar_test_build(&s, 1 << 20, 1 << 20, 2, 0, 1); /* an upper half */
	expect_hidden(&s);
	rebar_test_build(&s, 1 << 20, 1 << 20, 2, 0, 6);
	expect_hidden(&s);
	rebar_test_build(&s, 1 << 20, 1 << 20, 2, 2, 4); /* ports */
	expect_hidden(&s);
	rebar_test_build(&s, 1 << 20, 1 << 20, 0, 0, 4); /* none */
	expect_hidden(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_size_for_each),
		cmocka_unit_test(enormous_ones),
		cmocka_unit_test(nonsense_is_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
