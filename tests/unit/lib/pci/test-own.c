// SPDX-License-Identifier: MIT
// Registers in no capability are the device's own; those of a capability that
// is hidden, broken or of unknown length are not.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "image.h"

static uint8_t own_image[CONFIG_SIZE];
static struct config own_config;

static void own_build(size_t size)
{
	const struct config_source source = {
		.image = own_image,
		.size = size,
	};
	static const uint64_t sizes[BAR_COUNT];
	struct bar bars[BAR_COUNT];
	const char *fault;

	assert_int_equal(bar_probe(bars, own_image, sizes, &fault), 0);
	assert_int_equal(config_build(&own_config, &source, bars, &fault), 0);
}

/* Each byte from @at to before @end is the device's own, or none is. */
static void expect_own(unsigned int at, unsigned int end, bool is_own)
{
	for (; at < end; at++)
		if (own_config.pass[at] != (is_own ? 0xff : 0) ||
		    (is_own && own_config.emulated[at]))
			fail_msg("0x%03x: pass %02x emulated %02x", at,
				 own_config.pass[at], own_config.emulated[at]);
}

/* Such as a watchdog i6300esb, whose driver sets 0x60 and 0x68. */
static void device_without_capabilities(void **state)
{
	struct config_effect effect;

	(void)state;
	image_blank(own_image);
	own_image[0x06] = 0;
	own_build(CONFIG_STD_SIZE);
	expect_own(0x40, 0x100, true);
	effect = config_apply_write(&own_config, 0x68, 1, 0x02);
	assert_int_equal(effect.size, 1);
	assert_int_equal(effect.offset, 0x68);
	assert_int_equal(effect.data[0], 0x02);
	/* It has no extended space, and the header is the view's. */
	expect_own(0x100, CONFIG_SIZE, false);
	expect_own(0x08, 0x40, false);
}

static void hidden_capability_of_unknown_length(void **state)
{
	(void)state;
	image_blank(own_image);
	image_add(own_image, 0, 0x40, 0x01);
	image_add(own_image, 0x40, 0x60, 0x30); /* unknown */
	image_add(own_image, 0x60, 0x80, 0x09);
	own_image[0x82] = 0x08;
	image_add(own_image, 0x80, 0xa0, 0x08); /* HyperTransport grows */
	own_build(CONFIG_STD_SIZE);
	expect_own(0x48, 0x60, true);
	expect_own(0x60, 0x82, false);
	expect_own(0x82, 0xa0, true);
	expect_own(0xa0, 0x100, false);
}

static void hidden_capability_of_known_length(void **state)
{
	(void)state;
	image_blank(own_image);
	image_add(own_image, 0, 0x40, 0x0c); /* hot plug, 8 bytes */
	own_build(CONFIG_STD_SIZE);
	expect_own(0x40, 0x48, false);
	expect_own(0x48, 0x100, true);
}

static void broken_capabilities_open_nothing(void **state)
{
	(void)state;
	image_blank(own_image);
	image_add(own_image, 0, 0xf8, 0x11); /* MSI-X, truncated */
	own_build(CONFIG_STD_SIZE);
	expect_own(0x40, 0xf8, true);
	expect_own(0xf8, 0x100, false);
	/* A twin is hidden. */
	image_blank(own_image);
	image_add(own_image, 0, 0x40, 0x01);
	image_add(own_image, 0x40, 0x50, 0x01);
	own_build(CONFIG_STD_SIZE);
	expect_own(0x50, 0x58, false);
	expect_own(0x58, 0x100, true);
	/* Where the list breaks off, other capabilities may be anywhere. */
	image_blank(own_image);
	image_add(own_image, 0, 0x40, 0x01);
	own_image[0x41] = 0x40;
	own_build(CONFIG_STD_SIZE);
	expect_own(0x40, 0x44, false);
	expect_own(0x48, 0x100, false);
}

static void extended_space(void **state)
{
	(void)state;
	image_blank(own_image);
	image_add(own_image, 0, 0x40, 0x10);
	image_put(own_image, 0x42, 2, 0x0002);
	image_add_extended(own_image, 0, 0x100, 0x000d, 1); /* ACS, until */
	image_add_extended(own_image, 0x100, 0x120, 0x19,
			   1); /* SECPCI, until */
	image_add_extended(own_image, 0x120, 0x140, 0x03,
			   1); /* serial number */
	image_add_extended(own_image, 0x140, 0x150, 0x18, 1); /* LTR, 8 bytes */
	own_build(CONFIG_SIZE);
	expect_own(0x7c, 0x100, true);
	expect_own(0x100, 0x14c, false);
	expect_own(0x14c, 0x150, true);
	expect_own(0x150, 0x158, false);
	expect_own(0x158, CONFIG_SIZE, true);
	/* Without any, its first word says so. */
	image_put(own_image, 0x100, 4, 0);
	own_build(CONFIG_SIZE);
	expect_own(0x100, 0x104, false);
	expect_own(0x104, CONFIG_SIZE, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(device_without_capabilities),
		cmocka_unit_test(hidden_capability_of_unknown_length),
		cmocka_unit_test(hidden_capability_of_known_length),
		cmocka_unit_test(broken_capabilities_open_nothing),
		cmocka_unit_test(extended_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
