// SPDX-License-Identifier: MIT
// A structure that has grown since release 0.1, filled in by programs of each
// release.

#include <lend/context.h>

#include "guarded.h"
#include "lib/base/sized.h"

#define FIRST offsetof(struct grown, second)

/* Release 0.1 had @size and @first. */
struct grown {
	size_t size;
	unsigned int first;
	int second; /* -1 where a program does not say */
	const char *third;
};

static const struct sized grown = {
	.name = "grown",
	.first = FIRST,
	.known = sizeof(struct grown),
};

static const struct grown defaults = {.second = -1, .third = "default"};
static const struct grown filled = {0, 1, 2, "third"};

static int sized_setup(void **state)
{
	return lend_ctx_new(NULL, (struct lend_ctx **)state);
}

static int sized_teardown(void **state)
{
	lend_ctx_unref(*state);
	return 0;
}

static struct grown sized_taken(struct lend_ctx *ctx, size_t size)
{
	struct grown known = defaults;
	void *given = guarded_copy(&filled, sizeof(filled), size);

	assert_int_equal(sized_copy(ctx, NULL, &grown, &known, given), 0);
	guarded_free(given, size);
	return known;
}

static void a_program_of_the_first_release_gets_defaults(void **state)
{
	struct grown known = sized_taken(*state, FIRST);

	assert_int_equal(known.first, 1);
	assert_int_equal(known.second, -1);
	assert_string_equal(known.third, "default");
}

static void one_of_a_release_between_gets_some(void **state)
{
	struct grown known = sized_taken(*state, offsetof(struct grown, third));

	assert_int_equal(known.second, 2);
	assert_string_equal(known.third, "default");
}

static void one_of_this_release_gets_none(void **state)
{
	struct grown known = sized_taken(*state, sizeof(struct grown));

	assert_int_equal(known.first, 1);
	assert_int_equal(known.second, 2);
	assert_string_equal(known.third, "third");
}

static void one_of_a_later_release_may_leave_its_members_alone(void **state)
{
	struct grown known = sized_taken(*state, sizeof(struct grown) + 24);

	assert_string_equal(known.third, "third");
}

static void no_structure_is_all_defaults(void **state)
{
	struct grown known = defaults;

	assert_int_equal(sized_copy(*state, NULL, &grown, &known, NULL), 0);
	assert_memory_equal(&known, &defaults, sizeof(known));
}

/* A refusal must leave the defaults as they are. */
static int sized_copy_whole(void *opaque, const void *given)
{
	struct grown known = defaults;
	int result = sized_copy(opaque, "device", &grown, &known, given);

	if (result)
		assert_memory_equal(&known, &defaults, sizeof(known));
	return result;
}

static void others_are_refused(void **state)
{
	const struct sized_reader reader = {
		.name = "grown",
		.first = FIRST,
		.known = sizeof(struct grown),
		.call = sized_copy_whole,
		.opaque = *state,
		.error = lend_ctx_error(*state),
	};

	sized_check(&reader, &filled);
	assert_string_equal(reader.error->device, "device");
}

static void a_member_is_refused_by_its_place(void **state)
{
	const struct lend_error *e = lend_ctx_error(*state);
	unsigned char *given = guarded_copy(&filled, sizeof(filled), 40);

	given[39] = 0x80;
	assert_int_equal(sized_copy_whole(*state, given), -E2BIG);
	assert_string_equal(e->what, "struct grown has a member set that this "
				     "library does not know");
	assert_string_equal(e->evidence, "byte 39 of 40 is not 0; this library "
					 "knows the first 24");
	assert_string_equal(e->remedy,
			    "use a newer liblend, or leave the member 0");
	guarded_free(given, 40);
}

static void a_size_that_was_not_set_is_refused(void **state)
{
	const size_t sizes[] = {0, (size_t)-1};
	const struct lend_error *e = lend_ctx_error(*state);
	struct grown given = filled;

	for (unsigned int i = 0; i < 2; i++) {
		given.size = sizes[i];
		assert_int_equal(sized_copy_whole(*state, &given), -EINVAL);
		assert_string_equal(e->remedy,
				    "set size to sizeof(struct grown)");
	}
}

static void without_a_context_there_is_no_record(void **state)
{
	const struct sized_reader reader = {
		.name = "grown",
		.first = FIRST,
		.known = sizeof(struct grown),
		.call = sized_copy_whole,
	};

	(void)state;
	sized_check(&reader, &filled);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, sized_setup, sized_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_program_of_the_first_release_gets_defaults),
		TEST(one_of_a_release_between_gets_some),
		TEST(one_of_this_release_gets_none),
		TEST(one_of_a_later_release_may_leave_its_members_alone),
		TEST(no_structure_is_all_defaults),
		TEST(others_are_refused),
		TEST(a_member_is_refused_by_its_place),
		TEST(a_size_that_was_not_set_is_refused),
		TEST(without_a_context_there_is_no_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
