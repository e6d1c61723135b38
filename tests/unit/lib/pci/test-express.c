// SPDX-License-Identifier: MIT
// The PCI Express capability on the root bus and below a port: type and link.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "image.h"

enum { EXP = 0x70, DEVCTL = 0x78, LNKCAP = 0x7c, LNKCTL = 0x80, LNKSTA = 0x82 };
enum { LNKCAP2 = 0x9c, LNKCTL2 = 0xa0 };

static const uint8_t device[4] = {0x43, 0xfc, 0xff, 0xff};

/* The full image with the given flags and link, as it is below a port. */
static struct config express_build(uint16_t flags, uint32_t cap,
				   uint16_t status, bool below_port)
{
	static struct config config;
	uint8_t image[CONFIG_SIZE];
	struct bar bars[BAR_COUNT];
	struct config_source source = {
		.image = image,
		.size = CONFIG_SIZE,
		.below_port = below_port,
	};
	const char *fault;

	image_full(image);
	image_put(image, EXP + 2, 2, flags);
	image_put(image, LNKCAP, 4, cap);
	image_put(image, LNKCTL, 2, 0x0143);
	image_put(image, LNKSTA, 2, status);
	image_put(image, LNKCAP2, 4, 0x0180001e);
	image_put(image, LNKCTL2, 4, 0x001e0024);
	assert_int_equal(bar_probe(bars, image, image_full_sizes, &fault), 0);
	assert_int_equal(config_build(&config, &source, bars, &fault), 0);
	return config;
}

static uint32_t read_as(const struct config *config, unsigned int at,
			unsigned int size)
{
	return config_merge(config, at, size, device);
}

static void endpoint_on_the_root_bus(void **state)
{
	struct config c = express_build(0x0002, 0x00477c84, 0x1043, false);

	(void)state;
	assert_int_equal(read_as(&c, EXP + 2, 2), 0x0092);
	assert_int_equal(read_as(&c, LNKCAP, 4), 0);
	assert_int_equal(read_as(&c, LNKCTL, 4), 0);
	assert_int_equal(read_as(&c, LNKCAP2, 4), 0);
	config_apply_write(&c, LNKCTL, 2, 0xffff);
	assert_int_equal(read_as(&c, LNKCTL, 4), 0);
	config_apply_write(&c, DEVCTL, 2, 0x28f0);
	assert_int_equal(read_as(&c, DEVCTL, 2), 0x295f);
}

static void endpoint_below_a_port(void **state)
{
	struct config c = express_build(0x0002, 0x00477c84, 0x1043, true);
	struct config_effect effect;

	(void)state;
	assert_int_equal(read_as(&c, EXP + 2, 2), 0x0002);
	/* Speeds and width; no power states, no port number. */
	assert_int_equal(read_as(&c, LNKCAP, 4), 0x00000084);
	assert_false(config_read_needs_device(&c, LNKCAP, 4));
	assert_int_equal(read_as(&c, LNKCAP2, 4), 0x0000001e);
	/* The status is the device's own, as it is now. */
	assert_true(config_read_needs_device(&c, LNKSTA, 2));
	assert_int_equal(read_as(&c, LNKSTA, 2), 0x0043);
	/* What is written stays with the guest. */
	assert_int_equal(read_as(&c, LNKCTL, 2), 0);
	effect = config_apply_write(&c, LNKCTL, 4, 0xffffffff);
	assert_int_equal(effect.size, 0);
	assert_int_equal(read_as(&c, LNKCTL, 2), 0x00cb);
	assert_int_equal(read_as(&c, LNKCTL2, 4), 0x00000004);
	effect = config_apply_write(&c, LNKCTL2, 2, 0xffff);
	assert_int_equal(effect.size, 0);
	assert_int_equal(read_as(&c, LNKCTL2, 4), 0x0000000f);
	/* The payload size too; only the rest reaches the device. */
	assert_int_equal(read_as(&c, DEVCTL, 2), 0x291f);
	effect = config_apply_write(&c, DEVCTL, 2, 0x2850);
	assert_int_equal(effect.size, 2);
	assert_int_equal(effect.data[0], 0x1f);
	assert_int_equal(effect.data[1], 0x29);
	assert_int_equal(read_as(&c, DEVCTL, 2), 0x295f);
}

static void legacy_endpoint_below_a_port(void **state)
{
	struct config c = express_build(0x0012, 0x00477c84, 0x1043, true);

	(void)state;
	assert_int_equal(read_as(&c, EXP + 2, 2), 0x0012);
}

/* A part of the host's root complex gets the least link there is. */
static void integrated_below_a_port(void **state)
{
	struct config c = express_build(0x0092, 0, 0, true);

	(void)state;
	assert_int_equal(read_as(&c, EXP + 2, 2), 0x0002);
	assert_int_equal(read_as(&c, LNKCAP, 4), 0x11);
	assert_false(config_read_needs_device(&c, LNKSTA, 2));
	assert_int_equal(read_as(&c, LNKSTA, 2), 0x11);
	assert_int_equal(read_as(&c, LNKCAP2, 4), 0x2);
}

/* A virtual function reports its link's capabilities, not its state. */
static void link_without_status(void **state)
{
	struct config c = express_build(0x0002, 0x00477c84, 0, true);

	(void)state;
	assert_int_equal(read_as(&c, LNKCAP, 4), 0x84);
	assert_false(config_read_needs_device(&c, LNKSTA, 2));
	assert_int_equal(read_as(&c, LNKSTA, 2), 0x84);
}

/* The first version, of a part of the root complex, has no room for a link. */
static void no_room_for_a_link(void **state)
{
	struct config c = express_build(0x0091, 0, 0, true);

	(void)state;
	assert_int_equal(read_as(&c, EXP + 2, 2), 0x0091);
	assert_int_equal(read_as(&c, LNKCAP, 4), 0xfffffc43);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoint_on_the_root_bus),
		cmocka_unit_test(endpoint_below_a_port),
		cmocka_unit_test(legacy_endpoint_below_a_port),
		cmocka_unit_test(integrated_below_a_port),
		cmocka_unit_test(link_without_status),
		cmocka_unit_test(no_room_for_a_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
