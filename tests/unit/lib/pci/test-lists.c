// SPDX-License-Identifier: MIT
// Invalid standard capability lists: loops, odd pointers, truncation, overlaps.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "list.h"

/* The list a guest finds, as "50 60". */
static void expect_list(const struct list_test *s, const char *want)
{
	char text[512] = "";
	unsigned int at = s->config.value[0x34];
	unsigned int steps = 0;
	size_t used = 0;

	while (at && steps++ < 100 && used < sizeof(text) - 8) {
		used += (size_t)sprintf(text + used, "%s%02x", used ? " " : "",
					at);
		at = s->config.value[at + 1];
	}
	assert_string_equal(text, want);
	assert_int_equal(!!(s->config.value[6] & 0x10), *want != '\0');
}

static void good_list_is_kept(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	image_add(s.image, 0, 0x80, 0x01);
	image_add(s.image, 0x80, 0x40, 0x05);
	image_put(s.image, 0x42, 2, 0);
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "80 40");
	assert_string_equal(s.notes, "");
	assert_int_equal(s.config.pm, 0x80);
	assert_int_equal(s.config.msi, 0x40);
}

static void no_list(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	s.image[0x34] = 0x40; /* but the status has no list */
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "");
	list_test_start(&s);
	s.image[0x06] = 0x10; /* a list without an entry */
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "");
}

static void loops_are_cut(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	image_add(s.image, 0, 0x40, 0x01);
	s.image[0x41] = 0x40;
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "40");
	assert_non_null(strstr(s.notes, "capability list loops"));
	assert_int_equal(s.warnings, 1);

	list_test_start(&s);
	image_add(s.image, 0, 0x40, 0x01);
	image_add(s.image, 0x40, 0x60, 0x13);
	s.image[0x61] = 0x40;
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "40 60");
	assert_non_null(strstr(s.notes, "loops"));
}

static void odd_pointers_are_masked(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	image_add(s.image, 0, 0x40, 0x01);
	s.image[0x34] = 0x43;
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "40");
}

static void pointers_into_the_header_are_cut(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	image_add(s.image, 0, 0x40, 0x01);
	s.image[0x41] = 0x10;
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "40");
	assert_non_null(strstr(s.notes, "points into the header"));
}

static void nothing_at_the_end(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	image_add(s.image, 0, 0x40, 0x01);
	s.image[0x41] = 0xfc;
	s.image[0xfc] = 0xff;
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "40");
	assert_non_null(strstr(s.notes, "to unimplemented registers"));
}

/* Each kind, with its last bytes beyond the end. */
static void truncated_capabilities_are_hidden(void **state)
{
	static const uint8_t ids[] = {0x01, 0x03, 0x05, 0x07, 0x09,
				      0x0a, 0x10, 0x11, 0x12, 0x13};
	struct list_test s;
	unsigned int i, at;

	(void)state;
	for (i = 0; i < sizeof(ids); i++) {
		for (at = 0xf4; at <= 0xfc; at += 4) {
			list_test_start(&s);
			image_add(s.image, 0, at, ids[i]);
			image_put(s.image, at + 2, 2, 0x01ff);
			assert_int_equal(list_test_build(&s), 0);
			if (at == 0xfc && ids[i] != 0x0a)
				expect_list(&s, "");
			assert_true(s.config.msi == 0);
		}
	}
}

static void long_lists_are_bounded(void **state)
{
	struct lend_pci_capability found[LEND_PCI_LIST_STANDARD_MAX];
	struct list_test s;
	const char *cut;
	unsigned int at;

	(void)state;
	list_test_start(&s);
	for (at = 0x40; at < 0x100; at += 4)
		image_add(s.image, at == 0x40 ? 0 : at - 4, at, 0x0a);
	assert_int_equal(lend_pci_capabilities(s.source.image, CONFIG_STD_SIZE,
					       LEND_PCI_LIST_STANDARD, found,
					       LEND_PCI_LIST_STANDARD_MAX,
					       &cut),
			 48);
	assert_null(cut);
	s.image[0xfd] = 0x40;
	assert_int_equal(lend_pci_capabilities(s.source.image, CONFIG_STD_SIZE,
					       LEND_PCI_LIST_STANDARD, found,
					       LEND_PCI_LIST_STANDARD_MAX,
					       &cut),
			 48);
	assert_string_equal(cut, "loops");
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "40"); /* one debug port is enough */
}

static void overlaps_are_hidden(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	image_add(s.image, 0, 0x44, 0x01);
	image_add(s.image, 0x44, 0x40, 0x05);
	image_put(s.image, 0x42, 2, 0x0180);
	image_put(s.image, 0x44, 2, 0x4001);
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "44");
	assert_non_null(strstr(s.notes, "0x05 at 0x40 hidden"));
	assert_int_equal(s.config.msi, 0);
}

static void twins_are_hidden(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	image_add(s.image, 0, 0x40, 0x01);
	image_add(s.image, 0x40, 0x50, 0x01);
	image_add(s.image, 0x50, 0x60, 0x09);
	s.image[0x62] = 4;
	image_add(s.image, 0x60, 0x64, 0x09);
	s.image[0x66] = 4;
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "40 60 64");
	assert_int_equal(s.config.pm, 0x40);
}

/* A version that promises more registers than there is room for. */
static void short_express_is_kept(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	list_test_add_express(&s, 0, 0xe0);
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "e0");
	list_test_start(&s);
	list_test_add_express(&s, 0, 0x80);
	image_add(s.image, 0x80, 0xa0, 0x01);
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "80 a0");
	assert_int_equal(config_value(&s.config, 0xa2, 2) & 0xfe00, 0);
}

static void no_interrupts_no_capability(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	image_add(s.image, 0, 0x40, 0x05);
	image_put(s.image, 0x42, 2, 0);
	image_add(s.image, 0x40, 0x60, 0x11);
	image_put(s.image, 0x62, 2, 7);
	image_put(s.image, 0x64, 4, 0);
	image_put(s.image, 0x68, 4, 0x1000);
	s.source.msi_count = s.source.msix_count = s.source.intx_count = 0;
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "");
	assert_int_equal(s.config.value[0x3d], 0);
	assert_int_equal(s.config.pass[5] & 0x04, 0);
	s.source.msix_count = 3;
	assert_int_equal(list_test_build(&s), 0);
	expect_list(&s, "60");
	assert_int_equal(config_value(&s.config, 0x62, 2), 2);
}

/* Tables beyond their BAR, in a BAR that is not, upon each other. */
static void msix_that_lies_is_hidden(void **state)
{
	static const struct {
		uint32_t table;
		uint32_t pba;
		bool good;
	} cases[] = {
		{0x0, 0x3000, true},  {0x3f80, 0x0, true},
		{0x3f88, 0x0, false}, {0x0, 0x3ff8, true},
		{0x0, 0x4000, false}, {0xfffffff8, 0, false},
		{0x0, 0x78, false},   {0x0, 0x80, true},
		{0x1, 0x0, false},    {0x0, 0x7, false},
		{0x6, 0x0, false},    {0x100, 0xf8, true},
	};
	struct list_test s;
	unsigned int i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		list_test_start(&s);
		image_add(s.image, 0, 0x60, 0x11);
		image_put(s.image, 0x62, 2, 7);
		image_put(s.image, 0x64, 4, cases[i].table);
		image_put(s.image, 0x68, 4, cases[i].pba);
		assert_int_equal(list_test_build(&s), 0);
		expect_list(&s, cases[i].good ? "60" : "");
		assert_int_equal(s.config.msix, cases[i].good ? 0x60 : 0);
	}
}

static unsigned int count_capabilities(const struct list_test *s, size_t size,
				       unsigned int room, const char **fault)
{
	struct lend_pci_capability found[LEND_PCI_LIST_STANDARD_MAX];

	return lend_pci_capabilities(s->image, size, LEND_PCI_LIST_STANDARD,
				     found, room, fault);
}

static void a_list_ends_with_the_bytes_and_the_room(void **state)
{
	const unsigned int room = LEND_PCI_LIST_STANDARD_MAX;
	struct list_test s;
	const char *fault;

	(void)state;
	list_test_start(&s);
	image_add(s.image, 0, 0x40, 0x01);
	image_add(s.image, 0x40, 0x50, 0x0a);
	assert_int_equal(count_capabilities(&s, 0x52, room, &fault), 2);
	assert_null(fault);
	assert_int_equal(count_capabilities(&s, 0x51, room, &fault), 1);
	assert_string_equal(fault, "points out of configuration space");
	assert_int_equal(count_capabilities(&s, 0x40, room, &fault), 0);
	assert_string_equal(fault, "points out of configuration space");
	assert_int_equal(count_capabilities(&s, 0x3f, room, &fault), 0);
	assert_null(fault);
	assert_int_equal(count_capabilities(&s, 0x100, 1, &fault), 1);
	assert_null(fault);
	assert_int_equal(count_capabilities(&s, 0x100, room, NULL), 2);
}

static void headers_without_sense_are_errors(void **state)
{
	struct list_test s;

	(void)state;
	list_test_start(&s);
	memset(s.image, 0xff, sizeof(s.image));
	assert_int_equal(list_test_build(&s), -74);
	list_test_start(&s);
	s.image[0x0e] = 0x01;
	assert_int_equal(list_test_build(&s), -74);
	list_test_start(&s);
	image_put(s.image, 0, 2, 0);
	assert_int_equal(list_test_build(&s), -74);
}

/* Noise of many seeds: no crash, no endless list, no unbounded write. */
static void noise_is_survived(void **state)
{
	struct list_test s;
	uint32_t seed, n;
	unsigned int i;

	(void)state;
	for (seed = 1; seed <= 3000; seed++) {
		list_test_start(&s);
		n = seed;
		for (i = 0x34; i < CONFIG_SIZE; i++) {
			n = n * 1664525 + 1013904223;
			s.image[i] = (uint8_t)(n >> 24);
			if (i % 4 == 0 && n >> 30)
				s.image[i] %= 0x15;
		}
		s.image[6] |= 0x10;
		assert_int_equal(list_test_build(&s), 0);
		for (i = 0; i < CONFIG_SIZE; i++)
			assert_int_equal(s.config.writable[i] &
						 ~s.config.emulated[i],
					 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_list_is_kept),
		cmocka_unit_test(no_list),
		cmocka_unit_test(loops_are_cut),
		cmocka_unit_test(odd_pointers_are_masked),
		cmocka_unit_test(pointers_into_the_header_are_cut),
		cmocka_unit_test(nothing_at_the_end),
		cmocka_unit_test(truncated_capabilities_are_hidden),
		cmocka_unit_test(long_lists_are_bounded),
		cmocka_unit_test(overlaps_are_hidden),
		cmocka_unit_test(twins_are_hidden),
		cmocka_unit_test(short_express_is_kept),
		cmocka_unit_test(no_interrupts_no_capability),
		cmocka_unit_test(msix_that_lies_is_hidden),
		cmocka_unit_test(a_list_ends_with_the_bytes_and_the_room),
		cmocka_unit_test(headers_without_sense_are_errors),
		cmocka_unit_test(noise_is_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
