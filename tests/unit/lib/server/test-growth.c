// SPDX-License-Identifier: MIT
// How the work of a client's mappings grows with their number. The compiler
// reports each basic block of that code, and these are counted: they grow with
// the logarithm.

#include "fixture.h"
#include "tests/unit/fake/growth.h"

#define MANY 4096u
#define FEW  64u

/* A tree of MANY is twice as deep as one of FEW; an array is 64 times as long.
 */
#define GROWTH 4u

/* What moves an array's entries. */
void __sanitizer_cov_trace_pc(void);
void *__real_memmove(void *to, const void *from, size_t size);
void *__wrap_memmove(void *to, const void *from, size_t size);

void *__wrap_memmove(void *to, const void *from, size_t size)
{
	for (size_t i = 0; i < size; i += 64)
		__sanitizer_cov_trace_pc();
	return __real_memmove(to, from, size);
}

static void requests_map(struct server_test *test, unsigned int page,
			 struct growth *growth, unsigned int i)
{
	const struct user_dma_map map = {32, USER_DMA_MAP_READ, 0,
					 2ull * page * PAGE, PAGE};

	growth_begin();
	assert_int_equal(CLIENT_ASK(test, USER_DMA_MAP, map), 0);
	growth_end(growth, i < FEW);
	test->done[0] = '\0';
}

static void requests_unmap(struct server_test *test, unsigned int page,
			   struct growth *growth, unsigned int i)
{
	const struct user_dma_unmap unmap = {24, 0, 2ull * page * PAGE, PAGE};

	growth_begin();
	assert_int_equal(CLIENT_ASK(test, USER_DMA_UNMAP, unmap), 0);
	growth_end(growth, i < FEW);
	test->done[0] = '\0';
}

static unsigned int requests_page(unsigned int order, unsigned int i)
{
	switch (order) {
	case 0:
		return i;
	case 1:
		return MANY - 1 - i;
	default:
		return i * 40503 % MANY; /* a permutation */
	}
}

static void a_mapping_among_many_is_little_work(void **state)
{
	struct server_test *test = *state;

	for (unsigned int order = 0; order < 3; order++) {
		struct growth map = {0}, unmap = {0};

		for (unsigned int i = 0; i < MANY; i++)
			requests_map(test, requests_page(order, i), &map, i);
		growth_expect(&map, GROWTH);
		for (unsigned int i = MANY; i > 0; i--)
			requests_unmap(test, requests_page(order, i - 1),
				       &unmap, i - 1);
		growth_expect(&unmap, GROWTH);
	}
	assert_int_equal(test->mapped, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AGREED(a_mapping_among_many_is_little_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
