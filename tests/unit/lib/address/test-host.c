// SPDX-License-Identifier: MIT
// Addresses on a bus: each valid and invalid spelling, and the report of a
// device that does not exist.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "machine.h"

static void good_pci_spellings_find_the_device(void **state)
{
	static const char *const cases[][2] = {
		{"0000:02:00.0", "0000:02:00.0"},
		{"02:00.0", "0000:02:00.0"},
		{"2:0.0", "0000:02:00.0"},
		{"0:2:0.0", "0000:02:00.0"},
		{"00000000:02:00.0", "0000:02:00.0"},
		{"0000:aB:1F.7", "0000:ab:1f.7"},
		{"ab:1f.7", "0000:ab:1f.7"},
		{"1:02:00.0", "0001:02:00.0"},
		{"10000:e1:00.0", "10000:e1:00.0"},
		{"FFFFFFFF:ff:1f.7", "ffffffff:ff:1f.7"},
	};
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	fake_add_pci(m->fake, "0000:ab:1f.7", NULL, 2);
	fake_add_pci(m->fake, "0001:02:00.0", NULL, 3);
	fake_add_pci(m->fake, "10000:e1:00.0", NULL, 4);
	fake_add_pci(m->fake, "ffffffff:ff:1f.7", NULL, 5);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lend_address *a, *b = machine_find(m, cases[i][0]);

		assert_int_equal(lend_address_find_host(m->ctx, LEND_BUS_PCI,
							cases[i][0], &a),
				 0);
		assert_string_equal(lend_address_name(a), cases[i][1]);
		assert_int_equal(lend_address_bus(a), LEND_BUS_PCI);
		assert_true(lend_address_equal(a, b));
		lend_address_unref(a);
		lend_address_unref(b);
	}
}

static void bad_pci_spellings_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"0",
		"02:00",
		"02:00.",
		"02:00.8",
		"02:00.a",
		"02:00.00",
		"02:00.0 ",
		" 02:00.0",
		"02:20.0",
		"02:ff.0",
		"102:00.0",
		"002:00.0",
		"02:000.0",
		"0x02:00.0",
		"02:0x0.0",
		"+2:00.0",
		"-2:00.0",
		"02:-1.0",
		":02:00.0",
		"::.",
		"0000::00.0",
		"0000:02:.0",
		"000000000:02:00.0",
		"100000000:0:0.0",
		"0000:02:00.0:",
		"0:0000:02:00.0",
		"02.00.0",
		"02:00:0",
		"02:00.0\n",
		"02:00.0/",
		"02:00.0,x",
		"g2:00.0",
		"0000:02:00.0.0",
		"0000:02:00.0/..",
		"\xef\xbc\x92:00.0",
		".",
		"..",
		"../0000:02:00.0",
	};
	struct machine *m = *state;
	struct lend_address *a;
	char text[9000];

	fake_add_pci(m->fake, "0000:02:00.0", "e1000e", 1);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(lend_address_find_host(m->ctx, LEND_BUS_PCI,
							cases[i], &a),
				 -EINVAL);
		assert_int_equal(m->error->code, LEND_ERROR_ARGUMENT);
		assert_string_not_equal(m->error->evidence, "");
	}
	memset(text, '0', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(lend_address_find_host(m->ctx, LEND_BUS_PCI, text, &a),
			 -EINVAL);
}

static void platform_names_have_no_slash(void **state)
{
	static const char *const bad[] = {"", "a/b", "/", ".", "..", "../.."};
	struct machine *m = *state;
	struct lend_address *a;
	char text[300];

	fake_file(m->fake, "sys/devices/platform/fff51000.ethernet/uevent", "");
	fake_link(m->fake, "sys/devices/platform/fff51000.ethernet/subsystem",
		  "sys/bus/platform");
	fake_link(m->fake, "sys/bus/platform/devices/fff51000.ethernet",
		  "sys/devices/platform/fff51000.ethernet");
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(lend_address_find_host(
					 m->ctx, LEND_BUS_PLATFORM, bad[i], &a),
				 -EINVAL);
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(
		lend_address_find_host(m->ctx, LEND_BUS_PLATFORM, text, &a),
		-EINVAL);
	a = machine_find(m, "fff51000.ethernet");
	assert_int_equal(lend_address_bus(a), LEND_BUS_PLATFORM);
	lend_address_unref(a);
	assert_int_equal(lend_address_find(m->ctx, "fff5100.ethernet", &a),
			 -ENODEV);
	assert_string_equal(
		m->error->evidence,
		"the nearest name on the platform bus is fff51000.ethernet");
}

static void near_devices_are_listed(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	fake_add_pci(m->fake, "0000:02:00.1", "e1000e", 1);
	fake_add_pci(m->fake, "0000:03:00.0", NULL, 2);
	fake_add_pci(m->fake, "0000:05:07.3", NULL, 3);
	assert_int_equal(lend_address_find(m->ctx, "02:00.0", &a), -ENODEV);
	assert_int_equal(m->error->code, LEND_ERROR_NO_DEVICE);
	assert_string_equal(m->error->device, "0000:02:00.0");
	assert_string_equal(m->error->evidence,
			    "present: 0000:02:00.1, 8086:10d3, driver e1000e\n"
			    "present: 0000:03:00.0, 8086:10d3, driver (none)");
}

static void a_machine_without_pci_says_so(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	fake_remove(m->fake, "sys/bus/pci");
	assert_int_equal(lend_address_find(m->ctx, "02:00.0", &a), -ENODEV);
	assert_string_equal(m->error->evidence,
			    "this machine has no PCI devices");
}

static void text_like_a_pci_address_is_parsed_as_one(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	assert_int_equal(lend_address_find(m->ctx, "02:00.", &a), -EINVAL);
	assert_non_null(strstr(m->error->what, "PCI"));
	assert_int_equal(lend_address_find(m->ctx, "soc:uart", &a), -ENODEV);
}

static void an_invalid_mdev_uuid_is_refused(void **state)
{
	struct machine *m = *state;
	struct lend_address *a;

	assert_int_equal(lend_address_find_host(m->ctx, LEND_BUS_MDEV, "x", &a),
			 -EINVAL);
}

static int host_test_ignore_type(void *opaque,
				 const struct lend_mdev_type *type)
{
	(void)opaque;
	(void)type;
	return 0;
}

/* The result agrees with the record. */
static void a_missing_mdev_parent_is_an_error(void **state)
{
	struct machine *m = *state;

	assert_int_equal(
		lend_mdev_types(m->ctx, "x", host_test_ignore_type, NULL),
		-ENODEV);
	assert_int_equal(m->error->code, LEND_ERROR_NO_DEVICE);
	fake_file(m->fake, "sys/class/mdev_bus", "");
	assert_int_equal(
		lend_mdev_types(m->ctx, "x", host_test_ignore_type, NULL),
		-ENOTDIR);
	assert_int_equal(m->error->err, ENOTDIR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(good_pci_spellings_find_the_device),
		MACHINE_TEST(bad_pci_spellings_are_refused),
		MACHINE_TEST(platform_names_have_no_slash),
		MACHINE_TEST(near_devices_are_listed),
		MACHINE_TEST(a_machine_without_pci_says_so),
		MACHINE_TEST(text_like_a_pci_address_is_parsed_as_one),
		MACHINE_TEST(an_invalid_mdev_uuid_is_refused),
		MACHINE_TEST(a_missing_mdev_parent_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
