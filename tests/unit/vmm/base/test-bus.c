// SPDX-License-Identifier: MIT
// Accesses reach the range they lie in, whole, and nothing else.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "vmm/base/bus.h"

struct recorder {
	unsigned int reads, writes;
	uint64_t offset, value;
	unsigned int size;
};

static uint64_t bus_test_read(void *opaque, uint64_t offset, unsigned int size)
{
	struct recorder *r = opaque;

	r->reads++;
	r->offset = offset;
	r->size = size;
	return 0x8877665544332211;
}

static void bus_test_write(void *opaque, uint64_t offset, unsigned int size,
			   uint64_t value)
{
	struct recorder *r = opaque;

	r->writes++;
	r->offset = offset;
	r->value = value;
	r->size = size;
}

static const struct bus_ops ops = {bus_test_read, bus_test_write};

static int bus_test_setup(void **state)
{
	static struct bus bus;

	bus_init(&bus);
	*state = &bus;
	return 0;
}

static int bus_test_teardown(void **state)
{
	bus_destroy(*state);
	return 0;
}

static uint64_t read_at(struct bus *bus, uint64_t addr, unsigned int size)
{
	uint64_t value = 0;

	bus_read(bus, addr, &value, size);
	return value;
}

static void finds_the_range_of_each_access(void **state)
{
	struct recorder r[64] = {0};

	/* Added in an order that is neither up nor down. */
	for (unsigned int i = 0; i < 64; i++) {
		unsigned int n = i * 37 % 64;

		assert_int_equal(bus_add(*state,
					 (struct range){n * 0x100, 0x80}, &ops,
					 &r[n]),
				 0);
	}
	for (unsigned int n = 0; n < 64; n++) {
		assert_int_equal(read_at(*state, n * 0x100 + 0x7c, 4),
				 0x44332211);
		assert_int_equal(r[n].reads, 1);
		assert_int_equal(r[n].offset, 0x7c);
		assert_int_equal(read_at(*state, n * 0x100 + 0x80, 4),
				 0xffffffff);
		assert_int_equal(r[n].reads, 1);
	}
}

static void overlaps_and_wraps_are_refused(void **state)
{
	struct recorder r = {0};

	assert_int_equal(
		bus_add(*state, (struct range){0x1000, 0x100}, &ops, &r), 0);
	assert_int_equal(bus_add(*state, (struct range){0x10ff, 1}, &ops, &r),
			 -EEXIST);
	assert_int_equal(bus_add(*state, (struct range){0xfff, 2}, &ops, &r),
			 -EEXIST);
	assert_int_equal(bus_add(*state, (struct range){0, 0x10000}, &ops, &r),
			 -EEXIST);
	assert_int_equal(bus_add(*state, (struct range){5, 0}, &ops, &r),
			 -EINVAL);
	assert_int_equal(
		bus_add(*state, (struct range){UINT64_MAX, 2}, &ops, &r),
		-EINVAL);
	assert_int_equal(
		bus_add(*state, (struct range){UINT64_MAX, 1}, &ops, &r), 0);
	assert_int_equal(read_at(*state, UINT64_MAX, 1), 0x11);
}

static void straddling_accesses_are_nobodys(void **state)
{
	struct recorder r = {0};
	uint64_t value = 0;

	bus_add(*state, (struct range){0x1000, 6}, &ops, &r);
	assert_int_equal(read_at(*state, 0x1004, 4), 0xffffffff);
	assert_int_equal(read_at(*state, 0xfff, 2), 0xffff);
	bus_write(*state, 0x1004, &value, 4);
	assert_int_equal(r.reads + r.writes, 0);
}

static void odd_sizes_are_cut(void **state)
{
	struct recorder r = {0};
	uint8_t bytes[7] = {1, 2, 3, 4, 5, 6, 7};

	bus_add(*state, (struct range){0x1000, 0x100}, &ops, &r);
	bus_write(*state, 0x1010, bytes, 7);
	assert_int_equal(r.writes, 3); /* 4 + 2 + 1 */
	assert_int_equal(r.offset, 0x16);
	assert_int_equal(r.value, 7);
	assert_int_equal(r.size, 1);
	bus_read(*state, 0x10fd, bytes, 5); /* the last two are outside */
	assert_int_equal(bytes[4], 0xff);
}

static void removed_ranges_answer_no_more(void **state)
{
	struct recorder r = {0};

	bus_add(*state, (struct range){0x1000, 0x100}, &ops, &r);
	bus_add(*state, (struct range){0x2000, 0x100}, &ops, &r);
	bus_remove(*state, 0x1010); /* no range starts there */
	assert_int_equal(read_at(*state, 0x1000, 1), 0x11);
	bus_remove(*state, 0x1000);
	assert_int_equal(read_at(*state, 0x1000, 1), 0xff);
	assert_int_equal(read_at(*state, 0x2000, 1), 0x11);
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, bus_test_setup, bus_test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(finds_the_range_of_each_access),
		TEST(overlaps_and_wraps_are_refused),
		TEST(straddling_accesses_are_nobodys),
		TEST(odd_sizes_are_cut),
		TEST(removed_ranges_answer_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
