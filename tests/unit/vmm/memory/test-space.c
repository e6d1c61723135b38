// SPDX-License-Identifier: MIT
// Guest addresses have one owner at a time.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vmm/memory/space.h"

static int space_setup(void **state)
{
	static struct space space;

	space_init(&space, -1);
	*state = &space;
	return 0;
}

static int space_teardown(void **state)
{
	space_destroy(*state);
	return 0;
}

static int space_try_claim(struct space *space, uint64_t base, uint64_t size,
			   const char **other)
{
	return space_claim(space, (struct range){base, size}, "it", other);
}

static void overlaps_name_the_owner(void **state)
{
	const char *other = NULL;

	assert_int_equal(
		space_claim(*state, (struct range){0, 0xc0000000}, "RAM", NULL),
		0);
	assert_int_equal(space_try_claim(*state, 0xbffff000, 0x1000, &other),
			 -EEXIST);
	assert_string_equal(other, "RAM");
	assert_int_equal(space_try_claim(*state, 0xbffff000, 0x10000, NULL),
			 -EEXIST);
	assert_int_equal(space_try_claim(*state, 0xc0000000, 0x1000, NULL), 0);
	assert_int_equal(space_try_claim(*state, 0xc0000fff, 1, &other),
			 -EEXIST);
	assert_string_equal(other, "it");
}

static void space_ends_at_the_top(void **state)
{
	assert_int_equal(space_try_claim(*state, 0x1000, 0, NULL), -EINVAL);
	assert_int_equal(space_try_claim(*state, UINT64_MAX, 2, NULL), -EINVAL);
	assert_int_equal(
		space_try_claim(*state, UINT64_MAX - 0xfff, 0x1000, NULL), 0);
	assert_int_equal(space_try_claim(*state, UINT64_MAX, 1, NULL), -EEXIST);
}

static void released_space_is_free(void **state)
{
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(
			space_try_claim(*state, i * 0x1000, 0x1000, NULL), 0);
	for (unsigned int i = 0; i < 100; i += 2)
		space_release(*state, i * 0x1000);
	space_release(*state, 0x1800); /* no claim starts there */
	for (unsigned int i = 0; i < 100; i++)
		assert_int_equal(
			space_try_claim(*state, i * 0x1000, 0x1000, NULL),
			i % 2 ? -EEXIST : 0);
}

static void placing_is_aligned_and_lowest(void **state)
{
	const struct range window = {0x11000, 0x2f000};
	uint64_t base;

	assert_int_equal(space_try_claim(*state, 0x20000, 0x1000, NULL), 0);
	assert_int_equal(space_place(*state, window, 0x10000, "it", &base), 0);
	assert_int_equal(base, 0x30000);
	assert_int_equal(space_place(*state, window, 0x3000, "it", &base), 0);
	assert_int_equal(base, 0x14000);
	assert_int_equal(space_place(*state, window, 0x1000, "it", &base), 0);
	assert_int_equal(base, 0x11000);
	assert_int_equal(space_place(*state, window, 0x10000, "it", &base),
			 -ENOSPC);
	assert_int_equal(space_place(*state, window, 0, "it", &base), -EINVAL);
	assert_int_equal(space_place(*state, window, UINT64_MAX, "it", &base),
			 -EINVAL);
	assert_int_equal(space_place(*state, (struct range){0}, 1, "it", &base),
			 -ENOSPC);
}

static void slots_require_whole_pages(void **state)
{
	void *host = (void *)0x10000;

	assert_int_equal(
		space_map(*state, (struct range){0x1001, 0x1000}, host),
		-EINVAL);
	assert_int_equal(space_map(*state, (struct range){0x1000, 0x800}, host),
			 -EINVAL);
	assert_int_equal(space_map(*state, (struct range){0x1000, 0x1000},
				   (char *)host + 1),
			 -EINVAL);
	assert_int_equal(
		space_map(*state, (struct range){0x1000, 0x1000}, host),
		-EBADF); /* so far, and there is no KVM */
	space_unmap(*state, -1);
	space_unmap(*state, SPACE_MAX_SLOTS);
	space_unmap(*state, 3);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, space_setup, space_teardown)
	const struct CMUnitTest tests[] = {
		TEST(overlaps_name_the_owner),
		TEST(space_ends_at_the_top),
		TEST(released_space_is_free),
		TEST(placing_is_aligned_and_lowest),
		TEST(slots_require_whole_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
