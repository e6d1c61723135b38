// SPDX-License-Identifier: MIT
// Windows cut around what can be mapped, and around MSI-X's pending bits.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/pci/window.h"

#define PAGE 0x1000

struct layout_case {
	const char *name;
	struct lend_area areas[3];
	uint64_t bar_size;
	struct msix_layout msix;
	const char *want; /* START-END, hexadecimal */
};

static const struct layout_case cases[] = {
	{"no MSI-X", {{0, 0x4000}}, 0x4000, {0}, "0-4000"},
	{"in another BAR",
	 {{0, 0x4000}},
	 0x4000,
	 {8, 3, 3, 0x1000, 0x2000},
	 "0-4000"},
	{"same page",
	 {{0, 0x4000}},
	 0x4000,
	 {8, 0, 0, 0x2000, 0x2800},
	 "0-2000 3000-4000"},
	{"first page", {{0, 0x4000}}, 0x4000, {8, 0, 0, 0, 0x800}, "1000-4000"},
	{"last page", {{0, 0x4000}}, 0x4000, {8, 3, 0, 0, 0x3800}, "0-3000"},
	{"behind the table",
	 {{0, 0x3000}},
	 0x4000,
	 {8, 0, 0, 0x3000, 0x1000},
	 "0-1000 2000-3000"},
	{"unaligned, over a page's end",
	 {{0, 0x4000}},
	 0x4000,
	 {2048, 3, 0, 0, 0x1f80},
	 "0-1000 3000-4000"},
	{"2048 vectors",
	 {{0, 0x4000}, {0xc000, 0x14000}},
	 0x20000,
	 {2048, 0, 0, 0x4000, 0xc000},
	 "0-4000 d000-20000"},
	{"whole BAR", {{0, 0x1000}}, 0x1000, {8, 0, 0, 0, 0x800}, ""},
	{"before the table",
	 {{0, 0x4000}, {0x5000, 0x3000}},
	 0x8000,
	 {64, 0, 0, 0x4000, 0x2ff8},
	 "0-2000 3000-4000 5000-8000"},
	{"sparse areas",
	 {{0, 0x1000}, {0x2000, 0x3000}, {0x6000, 0x2000}},
	 0x8000,
	 {8, 3, 0, 0, 0x3000},
	 "0-1000 2000-3000 4000-5000 6000-8000"},
	{"areas of odd bounds",
	 {{0x800, 0x2000}, {0x3800, 0x400}},
	 0x4000,
	 {0},
	 "1000-2000"},
	{"area beyond the BAR", {{0, 0x8000}}, 0x4000, {0}, ""},
	{"area that wraps", {{0x1000, ~0ull - 0x800}}, 0x4000, {0}, ""},
	{"less than a page", {{0, 0x800}}, 0x800, {0}, "0-800"},
	{"part of less than a page", {{0, 0x400}}, 0x800, {0}, ""},
	{"less than a page, shared", {{0x400, 0x800}}, 0x800, {0}, ""},
	{"less than a page, with vectors",
	 {{0, 0x800}},
	 0x800,
	 {8, 3, 0, 0, 0x400},
	 ""},
};

static void windows_are_cut(void **state)
{
	struct window windows[LEND_PCI_WINDOWS];
	unsigned int i, w, count;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lend_region region = {.areas = cases[i].areas};
		char text[256] = "";
		size_t used = 0;

		while (region.area_count < 3 &&
		       cases[i].areas[region.area_count].size)
			region.area_count++;
		count = window_cut(windows, 0, LEND_PCI_WINDOWS, 0, &region,
				   cases[i].bar_size, &cases[i].msix, PAGE);
		for (w = 0; w < count; w++) {
			assert_int_equal(windows[w].bar, 0);
			assert_null(windows[w].vaddr);
			used += (size_t)sprintf(
				text + used, "%s%llx-%llx", used ? " " : "",
				(unsigned long long)windows[w].offset,
				(unsigned long long)(windows[w].offset +
						     windows[w].size));
		}
		if (strcmp(text, cases[i].want))
			fail_msg("%s: %s, not %s", cases[i].name, text,
				 cases[i].want);
	}
}

static void larger_pages_take_more_out(void **state)
{
	static const struct lend_area areas[] = {{0x10000, 0x30000}};
	struct lend_region region = {.area_count = 1, .areas = areas};
	struct msix_layout msix = {8, 0, 0, 0x2000, 0x12000};
	struct window windows[LEND_PCI_WINDOWS];

	(void)state;
	assert_int_equal(window_cut(windows, 0, LEND_PCI_WINDOWS, 0, &region,
				    0x40000, &msix, 0x10000),
			 1);
	assert_int_equal(windows[0].offset, 0x20000);
	assert_int_equal(windows[0].size, 0x20000);
}

static void windows_do_not_run_over(void **state)
{
	struct lend_area areas[40];
	struct lend_region region = {.area_count = 40, .areas = areas};
	struct window windows[LEND_PCI_WINDOWS];
	struct msix_layout none = {0};
	unsigned int i;

	(void)state;
	for (i = 0; i < 40; i++)
		areas[i] = (struct lend_area){i * 0x2000ull, 0x1000};
	assert_int_equal(window_cut(windows, 5, LEND_PCI_WINDOWS, 2, &region,
				    0x80000, &none, PAGE),
			 LEND_PCI_WINDOWS);
	assert_int_equal(windows[5].offset, 0);
	assert_int_equal(windows[5].bar, 2);
}

/* Windows of two BARs, from which a part is taken, as START-END of BAR 0. */
static void parts_are_cut_out(void **state)
{
	static const struct {
		uint64_t offset, size;
		unsigned int max;
		const char *want;
	} cut[] = {
		{0x2800, 0x10, 8, "0-2000 6000-9000 3000-4000"},
		{0x0, 0x1, 8, "1000-4000 6000-9000"},
		{0x3fff, 0x1, 8, "0-3000 6000-9000"},
		{0x3fff, 0x2, 8, "0-3000 6000-9000"},
		{0x3800, 0x3000, 8, "0-3000 7000-9000"},
		{0x0, 0x5000, 8, "6000-9000"},
		{0x0, 0x10000, 8, ""},
		{0x4000, 0x1000, 8, "0-4000 6000-9000"},
		{0x2800, 0x10, 3, "0-2000 6000-9000"},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		struct window w[8] = {{.bar = 0, .size = 0x4000},
				      {.bar = 1, .size = 0x4000},
				      {.offset = 0x6000, .size = 0x3000}};
		unsigned int count = window_cut_out(
			w, 3, cut[i].max, 0, cut[i].offset, cut[i].size, PAGE);

		text[0] = '\0';
		for (unsigned int n = 0; n < count; n++)
			if (!w[n].bar)
				sprintf(text + strlen(text), "%s%llx-%llx",
					*text ? " " : "",
					(unsigned long long)w[n].offset,
					(unsigned long long)(w[n].offset +
							     w[n].size));
		assert_string_equal(text, cut[i].want);
	}
}

/* It is mapped whole, or not at all. */
static void a_small_bar_is_cut_whole(void **state)
{
	struct window w[2] = {{.bar = 2, .size = 0x100}};

	(void)state;
	assert_int_equal(window_cut_out(w, 1, 2, 2, 0x70, 8, PAGE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(windows_are_cut),
		cmocka_unit_test(larger_pages_take_more_out),
		cmocka_unit_test(windows_do_not_run_over),
		cmocka_unit_test(parts_are_cut_out),
		cmocka_unit_test(a_small_bar_is_cut_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
