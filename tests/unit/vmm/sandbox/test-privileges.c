// SPDX-License-Identifier: MIT
// A process of root becomes a user without groups and capabilities, or reports
// which call did not let it.

#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>

#include <cmocka.h>

#include <lend/lend.h>

#include "vmm/sandbox/privileges.h"

/* The calls that would change the process, unless they are to. */
static struct {
	bool is_on;
	char made[128]; /* their names */
	const char *fails;
	uint32_t capabilities; /* that are left */
} calls;

int __real_prctl(int option, ...);
int __wrap_prctl(int option, ...);
int __real_setgroups(size_t count, const gid_t *groups);
int __wrap_setgroups(size_t count, const gid_t *groups);
int __real_setresgid(gid_t real, gid_t effective, gid_t saved);
int __wrap_setresgid(gid_t real, gid_t effective, gid_t saved);
int __real_setresuid(uid_t real, uid_t effective, uid_t saved);
int __wrap_setresuid(uid_t real, uid_t effective, uid_t saved);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

static int calls_note(const char *name)
{
	size_t used = strlen(calls.made);

	snprintf(calls.made + used, sizeof(calls.made) - used, "%s ", name);
	errno = EPERM;
	return calls.fails && !strcmp(calls.fails, name) ? -1 : 0;
}

int __wrap_prctl(int option, ...)
{
	assert_int_equal(option, PR_SET_KEEPCAPS);
	return calls.is_on ? calls_note("PR_SET_KEEPCAPS")
			   : __real_prctl(option, 1, 0, 0, 0);
}

int __wrap_setgroups(size_t count, const gid_t *groups)
{
	if (!calls.is_on)
		return __real_setgroups(count, groups);
	assert_int_equal(count, 0);
	return calls_note("setgroups");
}

int __wrap_setresgid(gid_t real, gid_t effective, gid_t saved)
{
	if (!calls.is_on)
		return __real_setresgid(real, effective, saved);
	assert_true(real == 1001 && effective == 1001 && saved == 1001);
	return calls_note("setresgid");
}

int __wrap_setresuid(uid_t real, uid_t effective, uid_t saved)
{
	if (!calls.is_on)
		return __real_setresuid(real, effective, saved);
	assert_true(real == 1000 && effective == 1000 && saved == 1000);
	return calls_note("setresuid");
}

long __wrap_syscall(long number, ...)
{
	const struct __user_cap_data_struct *data;
	const void *header;
	va_list args;

	va_start(args, number);
	header = va_arg(args, const void *);
	data = va_arg(args, const struct __user_cap_data_struct *);
	va_end(args);
	if (!calls.is_on || number != SYS_capset)
		return __real_syscall(number, header, data);
	assert_int_equal(data[0].effective, data[0].permitted);
	assert_int_equal(data[0].inheritable | data[1].permitted |
				 data[1].effective | data[1].inheritable,
			 0);
	calls.capabilities = data[0].permitted;
	return calls_note("capset");
}

static int privileges_setup(void **state)
{
	const struct lend_ctx_options options = {.size = sizeof(options)};
	struct lend_ctx *ctx;
	int err = lend_ctx_new(&options, &ctx);

	memset(&calls, 0, sizeof(calls));
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

/* Groups cannot change after the user, nor capabilities be kept. */
static void rights_go_in_this_order(void **state)
{
	const struct user_identity user = {true, 1000, 1001};

	calls.is_on = true;
	assert_int_equal(privileges_become(*state, &user, false), 0);
	assert_string_equal(calls.made,
			    "setgroups setresgid setresuid capset ");
	assert_int_equal(calls.capabilities, 0);
	calls.made[0] = '\0';
	assert_int_equal(privileges_become(*state, &user, true), 0);
	assert_string_equal(
		calls.made,
		"PR_SET_KEEPCAPS setgroups setresgid setresuid capset ");
	assert_int_equal(calls.capabilities, 1u << CAP_IPC_LOCK);
}

static void a_call_that_fails_ends_it(void **state)
{
	static const char *const names[] = {"PR_SET_KEEPCAPS", "setgroups",
					    "setresgid", "setresuid", "capset"};
	const struct user_identity user = {true, 1000, 1001};
	const struct lend_error *e = lend_ctx_error(*state);

	calls.is_on = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *last;

		calls.fails = names[i];
		calls.made[0] = '\0';
		assert_int_equal(privileges_become(*state, &user, true),
				 -EPERM);
		assert_non_null(strstr(e->what, names[i]));
		assert_non_null(strstr(e->what, "Operation not permitted"));
		last = strstr(calls.made, names[i]);
		assert_non_null(last);
		assert_string_equal(last + strlen(names[i]), " ");
		if (strcmp(names[i], "capset") != 0)
			assert_non_null(strstr(e->what, "user 1000"));
	}
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, privileges_setup,                   \
					privileges_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(root_becomes_a_user),
		TEST(nobody_else_does),
		TEST(rights_go_in_this_order),
		TEST(a_call_that_fails_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
