// SPDX-License-Identifier: MIT
// Routes of many messages at once: one table for KVM, and the routes as before
// where it is refused.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

#define MANY 2048

static struct kvm_message message_of(uint32_t data)
{
	return (struct kvm_message){0xfee00000, data, 0, false};
}

/* Messages @first, @first + 1 and so on, for vectors without a route. */
static void expect_messages(struct table *t, uint32_t first, unsigned int count)
{
	struct kvm_expected *expected = calloc(count, sizeof(*expected));

	assert_non_null(expected);
	for (unsigned int i = 0; i < count; i++)
		expected[i] = (struct kvm_expected){message_of(first + i), -1};
	kvm_routes_expect(t->kvm, expected, count);
	free(expected);
}

static int expect_test_get(struct table *t, uint32_t data)
{
	const struct kvm_message message = message_of(data);

	return kvm_route_get(t->kvm, &message);
}

static bool has_route(const struct table *t, uint32_t data)
{
	return table_route(t, 0xfee00000, data);
}

static void many_messages_cost_one_table(void **state)
{
	struct table *t = *state;
	int gsi[MANY];

	expect_messages(t, 0, MANY);
	table_expect(t, 1);
	for (uint32_t i = 0; i < MANY; i++) {
		gsi[i] = expect_test_get(t, i);
		assert_true(gsi[i] >= 0);
	}
	table_expect(t, 0);
	/* All other messages at once, and back. */
	for (unsigned int i = 0; i < MANY; i++)
		kvm_route_put(t->kvm, gsi[i]);
	for (uint32_t first = 5000; first < 5000 + 3 * MANY; first += MANY) {
		expect_messages(t, first, MANY);
		table_expect(t, 1);
		for (uint32_t i = 0; i < MANY; i++)
			kvm_route_put(t->kvm, expect_test_get(t, first + i));
		table_expect(t, 0);
	}
	/* Known messages need no table. */
	expect_messages(t, 5000 + 2 * MANY, MANY);
	table_expect(t, 0);
}

static void attached_routes_change_in_place(void **state)
{
	struct table *t = *state;
	struct kvm_expected expected[32];
	int gsi[32];

	for (uint32_t i = 0; i < 32; i++) {
		gsi[i] = expect_test_get(t, i);
		expected[i] =
			(struct kvm_expected){message_of(100 + i), gsi[i]};
	}
	t->calls = 0;
	kvm_routes_expect(t->kvm, expected, 32);
	table_expect(t, 1);
	for (uint32_t i = 0; i < 32; i++) {
		assert_false(has_route(t, i));
		assert_int_equal(
			kvm_route_change(t->kvm, gsi[i], &expected[i].message),
			0);
		assert_int_equal(expect_test_get(t, 100 + i), gsi[i]);
	}
	table_expect(t, 0);
}

/* The message of a route with two users is not changed under the other. */
static void a_shared_route_stays(void **state)
{
	struct table *t = *state;
	struct kvm_expected expected[2];
	int shared = expect_test_get(t, 1);

	assert_int_equal(expect_test_get(t, 1), shared);
	expected[0] = (struct kvm_expected){message_of(2), shared};
	expected[1] = (struct kvm_expected){message_of(3), -1};
	t->calls = 0;
	kvm_routes_expect(t->kvm, expected, 2);
	table_expect(t, 1);
	assert_true(has_route(t, 1));
	assert_int_not_equal(expect_test_get(t, 2), shared);
	assert_int_equal(expect_test_get(t, 1), shared);
	table_expect(t, 0);
}

static void a_refused_table_changes_no_route(void **state)
{
	struct table *t = *state;
	struct kvm_expected expected[2];
	int attached = expect_test_get(t, 1);

	kvm_route_put(t->kvm, expect_test_get(t, 2));
	expected[0] = (struct kvm_expected){message_of(10), attached};
	expected[1] = (struct kvm_expected){message_of(11), -1};
	t->fail = KVM_SET_GSI_ROUTING;
	t->err = ENOMEM;
	kvm_routes_expect(t->kvm, expected, 2);
	assert_int_equal(expect_test_get(t, 11), -ENOMEM);
	t->fail = 0;
	t->calls = 0;
	assert_int_equal(expect_test_get(t, 1), attached);
	assert_true(expect_test_get(t, 2) >= 0);
	table_expect(t, 0);
	assert_true(expect_test_get(t, 11) >= 0);
	assert_true(has_route(t, 1));
	assert_false(has_route(t, 10));
}

/* A hint: those with a route work, the others are reported one by one. */
static void messages_beyond_the_limit_are_omitted(void **state)
{
	const unsigned int limit = LEND_KVM_GSIS - kvm_pin_count;
	struct table *t = *state;

	expect_messages(t, 0, limit + 10);
	table_expect(t, 1);
	assert_int_equal(t->warnings, 1);
	for (uint32_t i = 0; i < limit; i++)
		assert_true(expect_test_get(t, i) >= 0);
	table_expect(t, 0);
	assert_int_equal(expect_test_get(t, limit), -ENOSPC);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, table_setup, table_teardown)
	const struct CMUnitTest tests[] = {
		TEST(many_messages_cost_one_table),
		TEST(attached_routes_change_in_place),
		TEST(a_shared_route_stays),
		TEST(a_refused_table_changes_no_route),
		TEST(messages_beyond_the_limit_are_omitted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
