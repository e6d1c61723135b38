// SPDX-License-Identifier: MIT
// Invalid extended capability lists: loops, bad pointers, overlaps.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "list.h"

static void expect_extended(const struct list_test *s, const char *want)
{
	char text[512] = "";
	unsigned int at = 0x100;
	unsigned int steps = 0;
	size_t used = 0;

	while (at && steps++ < 100 && used < sizeof(text) - 8) {
		uint32_t header = config_value(&s->config, at, 4);

		if (header & 0xffff)
			used += (size_t)sprintf(text + used, "%s%03x",
						used ? " " : "", at);
		at = header >> 20;
	}
	assert_string_equal(text, want);
}

static void extended_loops_are_cut(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	list_test_add_express(&s, 0, 0x40);
	image_add_extended(s.image, 0, 0x100, 0x0003, 1);
	image_add_extended(s.image, 0x100, 0x140, 0x000b, 1);
	image_put(s.image, 0x144, 4, 0x01000001);
	image_add_extended(s.image, 0x140, 0x100, 0x0003, 1);
	image_put(s.image, 0x100, 4, 0x14010003);
	assert_int_equal(list_test_build(&s), 0);
	expect_extended(&s, "100 140");
	assert_non_null(strstr(s.notes, "extended capability list loops"));
}

static void extended_pointers_are_checked(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	list_test_add_express(&s, 0, 0x40);
	image_put(s.image, 0x100, 4, 0x04410003);
	assert_int_equal(list_test_build(&s), 0);
	expect_extended(&s, "100");
	assert_non_null(strstr(s.notes, "points below 0x100"));

	list_test_start(&s);
	list_test_add_express(&s, 0, 0x40);
	image_put(s.image, 0x100, 4, 0xffc10001);
	image_put(s.image, 0xffc, 4, 0x00010003);
	assert_int_equal(list_test_build(&s), 0);
	expect_extended(&s, "");
	assert_non_null(strstr(s.notes, "is truncated"));
}

static void extended_overlaps_are_hidden(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	list_test_add_express(&s, 0, 0x40);
	image_add_extended(s.image, 0, 0x100, 0x000b, 1);
	image_put(s.image, 0x104, 4, 0x04000001);
	image_add_extended(s.image, 0x100, 0x120, 0x0003, 1);
	assert_int_equal(list_test_build(&s), 0);
	expect_extended(&s, "120");
	assert_int_equal(s.config.pass[0x110], 0);
}

static void extended_lists_are_bounded(void **state)
{
	static struct lend_pci_capability found[LEND_PCI_LIST_EXTENDED_MAX];
	struct list_test s;
	const char *cut;
	unsigned int at;

	(void)state;
	list_test_start(&s);
	for (at = 0x100; at < 0x1000; at += 4)
		image_put(s.image, at, 4,
			  0x00010001 | (at + 4 < 0x1000 ? at + 4 : 0x100)
					       << 20);
	assert_int_equal(lend_pci_capabilities(s.source.image, CONFIG_SIZE,
					       LEND_PCI_LIST_EXTENDED, found,
					       LEND_PCI_LIST_EXTENDED_MAX,
					       &cut),
			 960);
	assert_string_equal(cut ? cut : "bound", "bound");
}

static void conventional_devices_end_at_256(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	image_add_extended(s.image, 0, 0x100, 0x0003, 1);
	s.source.size = CONFIG_STD_SIZE;
	assert_int_equal(list_test_build(&s), 0);
	assert_int_equal(config_value(&s.config, 0x100, 4), 0xffffffff);
	assert_int_equal(config_value(&s.config, 0xffc, 4), 0xffffffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extended_loops_are_cut),
		cmocka_unit_test(extended_pointers_are_checked),
		cmocka_unit_test(extended_overlaps_are_hidden),
		cmocka_unit_test(extended_lists_are_bounded),
		cmocka_unit_test(conventional_devices_end_at_256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
