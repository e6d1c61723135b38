// SPDX-License-Identifier: MIT
// The power key stays pressed until the guest reads it, and is then released.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vmm/arm64/gpio.h"

#define DATA   0x004 /* the key's input only */
#define SENSE  0x404
#define BOTH   0x408
#define EVENT  0x40c
#define ENABLE 0x410
#define RAW    0x414
#define MASKED 0x418
#define CLEAR  0x41c

struct part {
	struct gpio gpio;
	bool line;
	unsigned int changes;
};

static void gpio_test_line(void *opaque, bool level)
{
	struct part *p = opaque;

	assert_true(level != p->line);
	p->line = level;
	p->changes++;
}

static int gpio_setup(void **state)
{
	static struct part p;

	p = (struct part){.line = false};
	gpio_init(&p.gpio, gpio_test_line, &p);
	*state = &p;
	return 0;
}

static int gpio_teardown(void **state)
{
	struct part *p = *state;

	gpio_destroy(&p->gpio);
	return 0;
}

static uint64_t gpio_read_at(struct part *p, uint64_t offset)
{
	return gpio_bus_ops.read(&p->gpio, offset, 1);
}

static void gpio_write_at(struct part *p, uint64_t offset, uint64_t value)
{
	gpio_bus_ops.write(&p->gpio, offset, 1, value);
}

/* As Linux's gpio-keys driver: both edges, and a read after each. */
static void both_edges_are_seen(void **state)
{
	struct part *p = *state;

	gpio_write_at(p, BOTH, 1);
	gpio_write_at(p, ENABLE, 1);
	assert_int_equal(gpio_read_at(p, DATA), 0);
	assert_false(p->line);
	gpio_press(&p->gpio);
	gpio_press(&p->gpio);
	assert_true(p->line);
	assert_int_equal(gpio_read_at(p, MASKED), 1);
	gpio_write_at(p, CLEAR, 1);
	assert_false(p->line);
	assert_int_equal(gpio_read_at(p, DATA), 1);
	assert_true(p->line);
	gpio_write_at(p, CLEAR, 1);
	assert_false(p->line);
	assert_int_equal(gpio_read_at(p, DATA), 0);
	assert_int_equal(p->changes, 4);
}

static void a_masked_key_stays_pending(void **state)
{
	struct part *p = *state;

	gpio_write_at(p, EVENT, 1);
	gpio_press(&p->gpio);
	assert_false(p->line);
	assert_int_equal(gpio_read_at(p, RAW), 1);
	assert_int_equal(gpio_read_at(p, MASKED), 0);
	gpio_write_at(p, ENABLE, 1);
	assert_true(p->line);
	assert_int_equal(gpio_read_at(p, 0x3f8), 0); /* the other inputs */
	assert_int_equal(gpio_read_at(p, DATA), 1);
	gpio_write_at(p, CLEAR, 0xff);
	assert_false(p->line);
}

static void levels_are_not_latched(void **state)
{
	struct part *p = *state;

	gpio_write_at(p, SENSE, 1);
	gpio_write_at(p, EVENT, 1);
	gpio_write_at(p, ENABLE, 1);
	gpio_press(&p->gpio);
	assert_true(p->line);
	gpio_write_at(p, CLEAR, 1);
	assert_true(p->line);
	assert_int_equal(gpio_read_at(p, 0x3fc), 1);
	assert_false(p->line);
}

static void gpio_identifies_as_a_pl061(void **state)
{
	static const uint8_t ids[] = {0x61, 0x10, 0x04, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1};

	for (unsigned int i = 0; i < sizeof(ids); i++)
		assert_int_equal(gpio_read_at(*state, 0xfe0 + 4 * i), ids[i]);
	for (uint64_t at = 0; at < 0x1000; at++) {
		gpio_write_at(*state, at, UINT64_MAX);
		gpio_read_at(*state, at);
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, gpio_setup, gpio_teardown)
	const struct CMUnitTest tests[] = {
		TEST(both_edges_are_seen),
		TEST(a_masked_key_stays_pending),
		TEST(levels_are_not_latched),
		TEST(gpio_identifies_as_a_pl061),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
