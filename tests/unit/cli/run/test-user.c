// SPDX-License-Identifier: MIT
// -runas, -run-with user= and the caller of sudo name the user of a run.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include <cmocka.h>

#include <lend/lend.h>

#include "cli/run/user.h"

static struct {
	struct lend_ctx *ctx;
	unsigned long uid; /* that this process seems to have */
	unsigned int warnings;
} test;

unsigned long __real_getauxval(unsigned long type);
unsigned long __wrap_getauxval(unsigned long type);

unsigned long __wrap_getauxval(unsigned long type)
{
	return type == AT_EUID ? test.uid : __real_getauxval(type);
}

static void count_warning(void *opaque, enum lend_log_level level,
			  const char *text)
{
	(void)opaque;
	(void)text;
	test.warnings += level == LEND_LOG_WARNING;
}

static int user_setup(void **state)
{
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = count_warning,
	};

	(void)state;
	test.uid = 0;
	test.warnings = 0;
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	unsetenv("PKEXEC_UID");
	unsetenv("DOAS_USER");
	return lend_ctx_new(&options, &test.ctx);
}

static int user_teardown(void **state)
{
	(void)state;
	lend_ctx_unref(test.ctx);
	return 0;
}

static struct user_identity user_parsed(const char *text)
{
	struct user_identity identity = {0};

	assert_int_equal(run_user_parse(test.ctx, "-runas", text, &identity),
			 0);
	return identity;
}

static void names_and_numbers(void **state)
{
	struct user_identity root = user_parsed("root"),
			     pair = user_parsed("1000:0");

	(void)state;
	assert_true(root.is_given);
	assert_int_equal(root.uid, 0);
	assert_true(pair.is_given);
	assert_int_equal(pair.uid, 1000);
	assert_int_equal(pair.gid, 0);
	assert_int_equal(user_parsed("4294967294:4294967294").gid, 4294967294);
}

static void what_names_no_user(void **state)
{
	static const char *const bad[] = {
		"",
		"no such user",
		"1000",
		"1000:",
		":5",
		"-1:0",
		"4294967295:1",
		"1:4294967295",
		"1:2:",
		"0x1:1",
		" 1:1",
		"1:1 ",
		"+1:1",
		"1:root",
		"18446744073709551616:0",
	};
	struct user_identity identity = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!run_user_parse(test.ctx, "-runas", bad[i], &identity))
			fail_msg("'%s' is taken", bad[i]);
		assert_non_null(strstr(lend_ctx_error(test.ctx)->what,
				       "-runas: unknown user"));
		assert_false(identity.is_given);
	}
}

static void others_than_root_stay_who_they_are(void **state)
{
	struct user_identity identity = {0};

	(void)state;
	test.uid = 1000;
	assert_false(user_parsed("1000:1000").is_given);
	assert_int_equal(
		run_user_parse(test.ctx, "-runas", "1001:1001", &identity),
		-22);
	assert_non_null(
		strstr(lend_ctx_error(test.ctx)->what, "only root can"));
	setenv("SUDO_UID", "1001", 1);
	setenv("SUDO_GID", "1001", 1);
	run_user_default(test.ctx, &identity);
	assert_false(identity.is_given);
	assert_int_equal(test.warnings, 0);
}

static struct user_identity by_default(const char *name, const char *value,
				       const char *gid)
{
	struct user_identity identity = {0};

	setenv(name, value, 1);
	if (gid)
		setenv("SUDO_GID", gid, 1);
	run_user_default(test.ctx, &identity);
	unsetenv(name);
	return identity;
}

static void the_caller_of_sudo(void **state)
{
	struct user_identity given = {.is_given = true, .uid = 7};
	struct user_identity found = by_default("SUDO_UID", "1000", "1001");

	(void)state;
	assert_true(found.is_given);
	assert_int_equal(found.uid, 1000);
	assert_int_equal(found.gid, 1001);
	assert_false(by_default("SUDO_UID", "0", "0").is_given);
	assert_false(by_default("PKEXEC_UID", "0", NULL).is_given);
	assert_false(by_default("DOAS_USER", "root", NULL).is_given);
	assert_int_equal(test.warnings, 0);
	setenv("SUDO_UID", "1000", 1);
	run_user_default(test.ctx, &given);
	assert_int_equal(given.uid, 7);
}

static void an_unclear_environment_is_reported(void **state)
{
	(void)state;
	assert_false(by_default("SUDO_UID", "1000x", "1000").is_given);
	assert_false(by_default("SUDO_UID", "1000", "").is_given);
	assert_false(by_default("PKEXEC_UID", "4000000000", NULL).is_given);
	assert_false(by_default("DOAS_USER", "no such user", NULL).is_given);
	assert_int_equal(test.warnings, 4);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, user_setup, user_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_and_numbers),
		TEST(what_names_no_user),
		TEST(others_than_root_stay_who_they_are),
		TEST(the_caller_of_sudo),
		TEST(an_unclear_environment_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
