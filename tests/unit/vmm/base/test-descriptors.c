// SPDX-License-Identifier: MIT
// Descriptors: the limit is looked at and raised only when it must be, and what
// it does not allow is named.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/base/descriptors.h"

static struct {
	struct rlimit limit;
	unsigned int gets, sets;
} process;

/* glibc declares the resource as an enumeration in C. */
int getrlimit(__rlimit_resource_t resource, struct rlimit *limit)
{
	assert_int_equal(resource, RLIMIT_NOFILE);
	process.gets++;
	*limit = process.limit;
	return 0;
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
	assert_int_equal(resource, RLIMIT_NOFILE);
	process.sets++;
	process.limit = *limit;
	return 0;
}

static struct {
	unsigned int count;
	char text[512];
} warnings;

static void keep_warning(void *opaque, enum lend_log_level level,
			 const char *text)
{
	(void)opaque;
	if (level != LEND_LOG_WARNING)
		return;
	warnings.count++;
	strncpy(warnings.text, text, sizeof(warnings.text) - 1);
}

static int descriptors_test_setup(void **state)
{
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = keep_warning,
	};

	memset(&warnings, 0, sizeof(warnings));
	memset(&process, 0, sizeof(process));
	process.limit = (struct rlimit){1024, 4096};
	return lend_ctx_new(&options, (struct lend_ctx **)state);
}

static void few_cost_no_call(void **state)
{
	descriptors_reserve(*state, DESCRIPTORS_SURE, 5);
	assert_int_equal(process.gets + process.sets, 0);
}

static void what_is_allowed_changes_nothing(void **state)
{
	descriptors_reserve(*state, 1024, 900);
	assert_int_equal(process.sets, 0);
	assert_int_equal(warnings.count, 0);
}

static void more_raise_the_limit(void **state)
{
	descriptors_reserve(*state, 2120, 2048);
	assert_int_equal(process.limit.rlim_cur, 4096);
	assert_int_equal(process.limit.rlim_max, 4096);
	assert_int_equal(warnings.count, 0);
}

static void what_is_not_allowed_is_named(void **state)
{
	descriptors_reserve(*state, 6224, 6144);
	assert_int_equal(process.limit.rlim_cur, 4096);
	assert_int_equal(process.limit.rlim_max, 4096);
	assert_int_equal(warnings.count, 1);
	assert_non_null(strstr(warnings.text, "6224"));
	assert_non_null(strstr(warnings.text, "6144"));
	assert_non_null(strstr(warnings.text, "4096"));
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, descriptors_test_setup,             \
					context_teardown)
	const struct CMUnitTest tests[] = {
		TEST(few_cost_no_call),
		TEST(what_is_allowed_changes_nothing),
		TEST(more_raise_the_limit),
		TEST(what_is_not_allowed_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
