// SPDX-License-Identifier: MIT
// A process of root becomes a user without groups and capabilities.

#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <lend/lend.h>

#include "vmm/sandbox/privileges.h"

static int privileges_setup(void **state)
{
	const struct lend_ctx_options options = {.size = sizeof(options)};
	struct lend_ctx *ctx;
	int err = lend_ctx_new(&options, &ctx);

	*state = ctx;
	return err;
}

static int privileges_teardown(void **state)
{
	lend_ctx_unref(*state);
	return 0;
}

/* Whether /proc/self/status has this line. */
static bool has_status(const char *wanted)
{
	FILE *status = fopen("/proc/self/status", "r");
	char line[256];
	bool has = false;

	while (status && fgets(line, sizeof(line), status)) {
		line[strcspn(line, "\n")] = '\0';
		has |= !strcmp(line, wanted);
	}
	if (status)
		fclose(status);
	return has;
}

static bool is_user(const char *capabilities)
{
	char effective[64], permitted[64];

	snprintf(effective, sizeof(effective), "CapEff:\t%s", capabilities);
	snprintf(permitted, sizeof(permitted), "CapPrm:\t%s", capabilities);
	return has_status("Uid:\t1000\t1000\t1000\t1000") &&
	       has_status("Gid:\t1001\t1001\t1001\t1001") &&
	       has_status("Groups:\t ") && has_status(effective) &&
	       has_status(permitted);
}

/* In a child process, as there is no way back. */
static int become_in_child(struct lend_ctx *ctx, bool keep_lock,
			   const char *capabilities)
{
	const struct user_identity user = {true, 1000, 1001};
	const gid_t groups[] = {0, 5};
	int status;
	pid_t child = fork();

	if (!child) {
		if (setgroups(2, groups) ||
		    privileges_become(ctx, &user, keep_lock))
			_exit(1);
		_exit(is_user(capabilities) && setuid(0) ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void root_becomes_a_user(void **state)
{
	if (geteuid()) {
		print_message("not run by root\n");
		skip();
	}
	assert_int_equal(become_in_child(*state, false, "0000000000000000"), 0);
	assert_int_equal(become_in_child(*state, true, "0000000000004000"), 0);
}

static void nobody_else_does(void **state)
{
	const struct user_identity none = {0}, root = {.is_given = true};

	assert_int_equal(privileges_become(*state, &none, false), 0);
	assert_int_equal(privileges_become(*state, &root, false), 0);
	assert_false(has_status("CapPrm:\t0000000000004000"));
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, privileges_setup,                   \
					privileges_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(root_becomes_a_user),
		TEST(nobody_else_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
