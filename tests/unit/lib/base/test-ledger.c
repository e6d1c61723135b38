// SPDX-License-Identifier: MIT
// The ledger of mappings: its order, its free addresses, and how its work
// grows. The compiler reports each call within the ledger, and these are
// counted: they grow with the logarithm of the number of mappings.

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lib/base/ledger.h"

#define PAGE  UINT64_C(0x1000)
#define MANY  65536u
#define PAGES 256u /* of the model */

/* Pages of a mapping in the model. */
#define FIRST   1
#define FURTHER 2

/* Of one operation among MANY: the tree has up to 32 levels. */
#define WORK_MAX 1000u

#define UNCOUNTED __attribute__((no_instrument_function))

void __cyg_profile_func_enter(void *function, void *site) UNCOUNTED;
void __cyg_profile_func_exit(void *function, void *site) UNCOUNTED;
void *__real_memmove(void *to, const void *from, size_t size);
void *__wrap_memmove(void *to, const void *from, size_t size) UNCOUNTED;

static uint64_t work;

void __cyg_profile_func_enter(void *function, void *site)
{
	(void)function;
	(void)site;
	work++;
}

void __cyg_profile_func_exit(void *function, void *site)
{
	(void)function;
	(void)site;
}

/* An array that makes room in its middle. */
void *__wrap_memmove(void *to, const void *from, size_t size)
{
	work += size / sizeof(struct mapping);
	return __real_memmove(to, from, size);
}

static void ledger_put(struct ledger *ledger, uint64_t page, uint64_t pages)
{
	const struct mapping mapping = {
		.iova = page * PAGE,
		.size = pages * PAGE,
	};

	assert_int_equal(ledger_reserve(ledger), 0);
	work = 0;
	ledger_add(ledger, &mapping);
}

static int ledger_put_if_free(struct ledger *ledger, uint64_t page,
			      uint64_t pages)
{
	if (ledger_overlap(ledger, page * PAGE, pages * PAGE))
		return 0;
	ledger_put(ledger, page, pages);
	return 1;
}

/* The lowest free pages by looking at each, or PAGES. */
static unsigned int model_place(const unsigned char used[PAGES],
				unsigned int first, unsigned int size,
				unsigned int align, unsigned int phase)
{
	for (unsigned int at = first; at + size <= PAGES; at++) {
		unsigned int i = 0;

		while (i < size && !used[at + i])
			i++;
		if (i == size && at % align == phase)
			return at;
	}
	return PAGES;
}

static void ledger_check_place(const struct ledger *ledger,
			       const unsigned char used[PAGES])
{
	unsigned int align = 1u << rand() % 4;
	unsigned int phase = (unsigned int)rand() % align;
	unsigned int first = (unsigned int)rand() % PAGES;
	unsigned int size = 1 + (unsigned int)rand() % 8;
	const struct ledger_wish wish = {
		.size = size * PAGE,
		.first = first * PAGE,
		.last = PAGES * PAGE - 1,
		.align = align * PAGE,
		.phase = phase * PAGE,
	};
	uint64_t at = PAGES * PAGE;
	bool found = ledger_place(ledger, &wish, &at);

	assert_int_equal(found, at < PAGES * PAGE);
	assert_int_equal(at / PAGE,
			 model_place(used, first, size, align, phase));
}

static void ledger_check_run(const struct ledger *ledger,
			     const unsigned char used[PAGES])
{
	unsigned int first = (unsigned int)rand() % PAGES;
	unsigned int size = 1 + (unsigned int)rand() % (PAGES - first);
	unsigned int count = 0;
	struct mapping_run run = ledger_run(ledger, first * PAGE, size * PAGE);
	const struct mapping *last =
		ledger_overlap_last(ledger, first * PAGE, size * PAGE);

	for (unsigned int at = first; at < first + size; at++)
		count += used[at] == FIRST || (used[at] && at == first);
	assert_int_equal(run.count, count);
	assert_int_equal(!!last, count != 0);
	if (last)
		assert_int_equal(last->iova + last->size, run.iova + run.size);
}

static void the_ledger_is_as_the_model(void **state)
{
	unsigned char used[PAGES] = {0};
	struct ledger ledger = {0};

	(void)state;
	srand(11);
	for (unsigned int step = 0; step < 20000; step++) {
		unsigned int at = (unsigned int)rand() % PAGES;
		unsigned int size = 1 + (unsigned int)rand() % 6;
		const struct mapping *m = ledger_overlap(&ledger, at * PAGE, 1);

		if (m && rand() % 2) {
			memset(used + m->iova / PAGE, 0, m->size / PAGE);
			ledger_remove(&ledger, m->iova);
		} else if (at + size <= PAGES &&
			   ledger_put_if_free(&ledger, at, size)) {
			memset(used + at, FURTHER, size);
			used[at] = FIRST;
		}
		ledger_check_place(&ledger, used);
		ledger_check_run(&ledger, used);
	}
	ledger_free(&ledger);
}

static uint64_t page_up(uint64_t i)
{
	return 2 * i;
}

static uint64_t page_down(uint64_t i)
{
	return 2 * (MANY - i);
}

/* A permutation. */
static uint64_t page_across(uint64_t i)
{
	return 2 * (i * 40503 % MANY);
}

static uint64_t (*const orders[])(uint64_t i) = {page_up, page_down,
						 page_across};

static void ledger_fill(struct ledger *ledger, uint64_t (*page)(uint64_t i))
{
	for (uint64_t i = 0; i < MANY; i++) {
		ledger_put(ledger, page(i), 1);
		assert_in_range(work, 1, WORK_MAX);
	}
	assert_int_equal(ledger->count, MANY);
	assert_int_equal(ledger->bytes, MANY * PAGE);
}

static void one_of_many_is_added_and_removed_in_few_steps(void **state)
{
	const unsigned int count = sizeof(orders) / sizeof(orders[0]);

	(void)state;
	for (unsigned int i = 0; i < count * count; i++) {
		struct ledger ledger = {0};

		ledger_fill(&ledger, orders[i / count]);
		for (uint64_t j = 0; j < MANY; j++) {
			uint64_t at = orders[i % count](j) * PAGE;

			if (!ledger_find(&ledger, at, PAGE))
				continue; /* the ends of the orders differ */
			work = 0;
			ledger_remove(&ledger, at);
			assert_in_range(work, 1, WORK_MAX);
		}
		assert_in_range(ledger.count, 0, 1);
		ledger_free(&ledger);
	}
}

static uint64_t ledger_place_pages(const struct ledger *ledger, uint64_t pages,
				   uint64_t align)
{
	const struct ledger_wish wish = {
		.size = pages * PAGE,
		.first = PAGE,
		.last = UINT64_MAX,
		.align = align * PAGE,
	};
	uint64_t at = 0;

	work = 0;
	assert_true(ledger_place(ledger, &wish, &at));
	assert_in_range(work, 1, WORK_MAX);
	return at / PAGE;
}

/* Between any two mappings a page is free. */
static void free_addresses_are_found_in_few_steps(void **state)
{
	struct ledger ledger = {0};

	(void)state;
	ledger_fill(&ledger, page_across);
	assert_int_equal(ledger_place_pages(&ledger, 1, 1), 1);
	assert_int_equal(ledger_place_pages(&ledger, 2, 1), 2 * MANY - 1);
	ledger_remove(&ledger, PAGE * MANY);
	assert_int_equal(ledger_place_pages(&ledger, 2, 1), MANY - 1);
	/* What is aligned wrongly everywhere is not tried everywhere. */
	assert_int_equal(ledger_place_pages(&ledger, 1, 2), MANY);
	ledger_put(&ledger, MANY, 1);
	assert_int_equal(ledger_place_pages(&ledger, 1, 2), 2 * MANY);
	ledger_free(&ledger);
}

/* Each gap is of two pages, at an odd one; the least bound finds it. */
static void blocks_are_found_however_many_gaps_are_misaligned(void **state)
{
	struct ledger ledger = {0};

	(void)state;
	for (uint64_t i = 0; i < MANY; i++)
		ledger_put(&ledger, 4 * i + 3, 2);
	assert_int_equal(ledger_place_pages(&ledger, 2, 1), 1);
	assert_int_equal(ledger_place_pages(&ledger, 2, 2), 4 * MANY + 2);
	ledger_remove(&ledger, (4 * (MANY - 9) + 3) * PAGE);
	assert_int_equal(ledger_place_pages(&ledger, 2, 2), 4 * MANY - 34);
	assert_int_equal(ledger_place_pages(&ledger, 4, 4), 4 * MANY + 4);
	ledger_remove(&ledger, (4 * (MANY - 10) + 3) * PAGE);
	assert_int_equal(ledger_place_pages(&ledger, 4, 4), 4 * MANY - 36);
	ledger_free(&ledger);
}

static void the_last_address_can_be_mapped(void **state)
{
	const struct ledger_wish wish = {
		.size = PAGE,
		.first = UINT64_MAX - 2 * PAGE + 1,
		.last = UINT64_MAX,
		.align = PAGE,
	};
	struct ledger ledger = {0};
	uint64_t at;

	(void)state;
	for (uint64_t left = 2; left > 0; left--) {
		assert_true(ledger_place(&ledger, &wish, &at));
		assert_int_equal(at, UINT64_MAX - left * PAGE + 1);
		ledger_put(&ledger, at / PAGE, 1);
	}
	assert_false(ledger_place(&ledger, &wish, &at));
	assert_int_equal(ledger_overlap_last(&ledger, 0, UINT64_MAX)->iova,
			 UINT64_MAX - PAGE + 1);
	ledger_clear(&ledger);
	assert_int_equal(ledger.bytes, 0);
	assert_true(ledger_place(&ledger, &wish, &at));
	ledger_free(&ledger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ledger_is_as_the_model),
		cmocka_unit_test(one_of_many_is_added_and_removed_in_few_steps),
		cmocka_unit_test(free_addresses_are_found_in_few_steps),
		cmocka_unit_test(
			blocks_are_found_however_many_gaps_are_misaligned),
		cmocka_unit_test(the_last_address_can_be_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
