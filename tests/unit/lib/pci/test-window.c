// SPDX-License-Identifier: MIT
// Windows cut from mappable areas, without the pages of MSI-X pending bits.

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
	unsigned int i, w;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lend_region region = {.areas = cases[i].areas};
		struct window_list list = {.page = PAGE};
		char text[256] = "";
		size_t used = 0;

		while (region.area_count < 3 &&
		       cases[i].areas[region.area_count].size)
			region.area_count++;
		window_list_add_bar(&list, 0, cases[i].bar_size, &region,
				    &cases[i].msix);
		for (w = 0; w < list.count; w++) {
			const struct window *window = &list.windows[w];

			assert_int_equal(window->bar, 0);
			assert_null(window->vaddr);
			used += (size_t)sprintf(
				text + used, "%s%llx-%llx", used ? " " : "",
				(unsigned long long)window->offset,
				(unsigned long long)(window->offset +
						     window->size));
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
	struct window_list list = {.page = 0x10000};

	(void)state;
	window_list_add_bar(&list, 0, 0x40000, &region, &msix);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.windows[0].offset, 0x20000);
	assert_int_equal(list.windows[0].size, 0x20000);
}

static void windows_do_not_run_over(void **state)
{
	struct lend_area areas[40];
	struct lend_region region = {.area_count = 40, .areas = areas};
	struct window_list list = {.count = 5, .page = PAGE};
	struct msix_layout none = {0};
	unsigned int i;

	(void)state;
	for (i = 0; i < 40; i++)
		areas[i] = (struct lend_area){i * 0x2000ull, 0x1000};
	window_list_add_bar(&list, 2, 0x80000, &region, &none);
	assert_int_equal(list.count, LEND_PCI_WINDOWS);
	assert_int_equal(list.windows[5].offset, 0);
	assert_int_equal(list.windows[5].bar, 2);
}

/* Windows of two BARs, from which a part is cut, as START-END of BAR 0; with
 * room for @room more. */
static void parts_are_cut_out(void **state)
{
	static const struct {
		struct lend_area area;
		unsigned int room;
		const char *want;
	} cut[] = {
		{{0x2800, 0x10}, 5, "0-2000 6000-9000 3000-4000"},
		{{0x0, 0x1}, 5, "1000-4000 6000-9000"},
		{{0x3fff, 0x1}, 5, "0-3000 6000-9000"},
		{{0x3fff, 0x2}, 5, "0-3000 6000-9000"},
		{{0x3800, 0x3000}, 5, "0-3000 7000-9000"},
		{{0x0, 0x5000}, 5, "6000-9000"},
		{{0x0, 0x10000}, 5, ""},
		{{0x4000, 0x1000}, 5, "0-4000 6000-9000"},
		{{0x2800, 0x10}, 0, "0-2000 6000-9000"},
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < sizeof(cut) / sizeof(cut[0]); i++) {
		struct window_list list = {
			.windows = {{.bar = 0, .size = 0x4000},
				    {.bar = 1, .size = 0x4000},
				    {.offset = 0x6000, .size = 0x3000}},
			.count = LEND_PCI_WINDOWS - cut[i].room,
			.page = PAGE,
		};

		for (unsigned int n = 3; n < list.count; n++)
			list.windows[n] =
				(struct window){.bar = 1, .size = PAGE};
		window_list_cut(&list, 0, cut[i].area);
		text[0] = '\0';
		for (unsigned int n = 0; n < list.count; n++) {
			const struct window *w = &list.windows[n];

			if (!w->bar)
				sprintf(text + strlen(text), "%s%llx-%llx",
					*text ? " " : "",
					(unsigned long long)w->offset,
					(unsigned long long)(w->offset +
							     w->size));
		}
		assert_string_equal(text, cut[i].want);
	}
}

/* It is mapped whole, or not at all. */
static void a_small_bar_is_cut_whole(void **state)
{
	struct window_list list = {
		.windows = {{.bar = 2, .size = 0x100}},
		.count = 1,
		.page = PAGE,
	};

	(void)state;
	window_list_cut(&list, 2, (struct lend_area){0x70, 8});
	assert_int_equal(list.count, 0);
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
