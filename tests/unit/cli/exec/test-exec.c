// SPDX-License-Identifier: MIT
// lend exec gives a command descriptors in place of rights, or leaves nothing
// open.

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/command.h"
#include "fake/public.h"

#define FIRST  "0000:02:00.0"
#define SECOND "0000:03:00.0"
#define BOTH   "02:00.0 03:00.0 -- "
#define NAMED  "vmm {iommufd} {fd:0} {fd:1}"

enum {
	WORDS_MAX = 16,
	LOW = 8,
};

/* What the command did, and what it was executed with. */
static struct {
	struct lend_test *test;
	struct cli cli;
	unsigned long uid; /* that this process seems to have */
	const char *fails; /* the call that does */
	unsigned int nth;  /* the call of the scripted kernel that does */
	char calls[256];
	char command[256];
	char listen[128];
	char home[64];
	unsigned long long limit;
	int first_fd; /* the lowest that the command gets */
	unsigned int kept;
} ran;

/* Counts a call; fails it if it is the one that fails. */
static int ran_call(const char *name)
{
	size_t used = strlen(ran.calls);

	snprintf(ran.calls + used, sizeof(ran.calls) - used, "%s%s",
		 used ? " " : "", name);
	if (!ran.fails || strcmp(ran.fails, name) != 0)
		return 0;
	errno = EPERM;
	return -1;
}

unsigned long __real_getauxval(unsigned long type);
unsigned long __wrap_getauxval(unsigned long type);
struct passwd *__wrap_getpwuid(uid_t uid);
int __wrap_initgroups(const char *user, gid_t group);
int __wrap_setgroups(size_t count, const gid_t *groups);
int __wrap_setresgid(gid_t real, gid_t effective, gid_t saved);
int __wrap_setresuid(uid_t real, uid_t effective, uid_t saved);
int __wrap_setrlimit64(int resource, const struct rlimit *limit);
int __wrap_prctl(int option, ...);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);
int __wrap_execvp(const char *file, char *const argv[]);

unsigned long __wrap_getauxval(unsigned long type)
{
	return type == AT_EUID ? ran.uid : __real_getauxval(type);
}

struct passwd *__wrap_getpwuid(uid_t uid)
{
	static char name[] = "alice", home[] = "/home/alice";
	static struct passwd alice = {.pw_name = name, .pw_dir = home};

	return uid == 1000 ? &alice : NULL;
}

int __wrap_initgroups(const char *user, gid_t group)
{
	assert_string_equal(user, "alice");
	assert_int_equal(group, 1001);
	return ran_call("initgroups");
}

int __wrap_setgroups(size_t count, const gid_t *groups)
{
	(void)groups;
	assert_int_equal(count, 0);
	return ran_call("setgroups");
}

int __wrap_setresgid(gid_t real, gid_t effective, gid_t saved)
{
	assert_true(real && real == effective && real == saved);
	return ran_call("gid");
}

int __wrap_setresuid(uid_t real, uid_t effective, uid_t saved)
{
	assert_true(real && real == effective && real == saved);
	return ran_call("uid");
}

int __wrap_setrlimit64(int resource, const struct rlimit *limit)
{
	assert_int_equal(resource, RLIMIT_MEMLOCK);
	assert_int_equal(limit->rlim_cur, limit->rlim_max);
	ran.limit = limit->rlim_cur;
	return ran_call("limit");
}

int __wrap_prctl(int option, ...)
{
	unsigned long argument;
	va_list args;

	va_start(args, option);
	argument = va_arg(args, unsigned long);
	va_end(args);
	if (option == PR_CAPBSET_READ)
		return argument < 2 ? 1 : -1;
	if (option == PR_CAPBSET_DROP)
		return ran_call("bound");
	assert_int_equal(option, PR_SET_NO_NEW_PRIVS);
	assert_int_equal((int)argument, 1);
	return ran_call("privs");
}

/* capset() has no function in libc. The library has other calls of this kind.
 */
long __wrap_syscall(long number, ...)
{
	const uint32_t *words;
	long arguments[3];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 3; i++)
		arguments[i] = va_arg(args, long);
	va_end(args);
	if (number != SYS_capset)
		return __real_syscall(number, arguments[0], arguments[1],
				      arguments[2]);
	words = (const uint32_t *)arguments[1];
	for (int i = 0; i < 6; i++)
		assert_int_equal(words[i], 0);
	return ran_call("caps");
}

/* The process ends here if it is executed: the call fails instead. */
int __wrap_execvp(const char *file, char *const argv[])
{
	assert_string_equal(file, argv[0]);
	ran.command[0] = '\0';
	for (char *const *word = argv; *word; word++) {
		size_t used = strlen(ran.command);

		snprintf(ran.command + used, sizeof(ran.command) - used, "%s%s",
			 used ? " " : "", *word);
	}
	if (getenv("LISTEN_PID") && atol(getenv("LISTEN_PID")) == getpid())
		snprintf(ran.listen, sizeof(ran.listen), "%s %s",
			 getenv("LISTEN_FDS"), getenv("LISTEN_FDNAMES"));
	if (getenv("HOME"))
		snprintf(ran.home, sizeof(ran.home), "%s", getenv("HOME"));
	ran.kept = 0;
	for (int fd = 255; fd > 2; fd--) {
		int flags = fcntl(fd, F_GETFD);

		if (flags < 0 || (flags & FD_CLOEXEC))
			continue;
		ran.kept++;
		ran.first_fd = fd;
	}
	ran_call("exec");
	errno = ENOENT;
	return -1;
}

static unsigned int exec_count_open(void)
{
	unsigned int count = 0;

	for (int fd = 3; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The host of the last run, whose record of a failure is read after it. */
static void exec_end_host(void)
{
	lend_ctx_unref(ran.cli.ctx);
	if (ran.test)
		lend_test_free(ran.test);
	ran.cli.ctx = NULL;
	ran.test = NULL;
}

/* What is executed keeps descriptors, of which the scripted kernel is not told:
 * each run has a host of its own. The host's own descriptors are out of the way
 * of those that are passed. */
static void exec_make_host(void)
{
	struct lend_ctx_options options = {.size = sizeof(options)};
	int low[LOW];

	exec_end_host();
	for (int i = 0; i < LOW; i++)
		low[i] = fcntl(0, F_DUPFD_CLOEXEC, 3);
	ran.test = lend_test_new();
	lend_test_add_iommufd(ran.test);
	lend_test_add_pci(ran.test, FIRST, 7);
	lend_test_add_pci(ran.test, SECOND, 8);
	lend_test_options(ran.test, &options);
	assert_int_equal(lend_ctx_new(&options, &ran.cli.ctx), 0);
	lend_test_fail(ran.test, LEND_TEST_CALL_ANY, 0, ran.nth, EACCES);
	for (int i = 0; i < LOW; i++)
		close(low[i]);
	ran.calls[0] = '\0';
}

static int exec_setup(void **state)
{
	(void)state;
	memset(&ran, 0, sizeof(ran));
	/* What the test's caller passed down is not in the way. */
	for (int fd = 3; fd < 256; fd++)
		close(fd);
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	unsetenv("PKEXEC_UID");
	unsetenv("DOAS_USER");
	unsetenv("LISTEN_PID");
	return 0;
}

static int exec_teardown(void **state)
{
	(void)state;
	exec_end_host();
	return 0;
}

/* Runs "lend exec LINE", whose words are separated by one space. */
static int exec_run(const char *line)
{
	char name[] = "exec", *copy = strdup(line), *rest = copy;
	char *argv[WORDS_MAX + 1] = {name};
	unsigned int before;
	int argc = 1, err;

	assert_non_null(copy);
	exec_make_host();
	before = exec_count_open();
	for (char *word; (word = strsep(&rest, " ")) && argc < WORDS_MAX;)
		argv[argc++] = word;
	err = cmd_exec(&ran.cli, argc, argv);
	/* main() looks for --json. */
	for (int i = 0; i < argc; i++)
		assert_non_null(argv[i]);
	assert_int_equal(exec_count_open(), before);
	free(copy);
	return err;
}

static void exec_expect_error(const char *line, enum lend_error_code code,
			      const char *what, const char *remedy)
{
	const struct lend_error *e;

	assert_true(exec_run(line) < 0);
	e = lend_ctx_error(ran.cli.ctx);
	if (e->code != code || !strstr(e->what, what) ||
	    !strstr(e->remedy, remedy))
		fail_msg("lend exec %s: %s: %s\n%s", line,
			 lend_error_code_name(e->code), e->what, e->remedy);
	assert_string_equal(ran.calls, "");
}

static void the_caller_of_sudo_gets_descriptors(void **state)
{
	int fds[3];

	(void)state;
	setenv("SUDO_UID", "1000", 1);
	setenv("SUDO_GID", "1001", 1);
	assert_int_equal(exec_run(BOTH NAMED), -ENOENT);
	assert_string_equal(ran.calls,
			    "bound bound initgroups gid uid caps privs exec");
	assert_int_equal(
		sscanf(ran.command, "vmm %d %d %d", &fds[0], &fds[1], &fds[2]),
		3);
	assert_true(fds[0] != fds[1] && fds[1] != fds[2] && fds[0] != fds[2]);
	assert_int_equal(ran.kept, 3);
	assert_string_equal(ran.home, "/home/alice");
	assert_string_equal(ran.listen, "");
	assert_non_null(strstr(lend_ctx_error(ran.cli.ctx)->what,
			       "execute vmm: No such file"));
}

static void placeholders_are_replaced_anywhere(void **state)
{
	int fds[4];

	(void)state;
	assert_int_equal(exec_run("--user 1000:1001 -m 1G 02:00.0 -- vmm "
				  "{fd:0}:{iommufd}:{\"fd\":\"{fd:0}\"}{x} "
				  "iommufd -- -m"),
			 -ENOENT);
	assert_int_equal(sscanf(ran.command,
				"vmm %d:%d:{\"fd\":\"%d\"}{x} iommufd -- -m%n",
				&fds[0], &fds[1], &fds[2], &fds[3]),
			 3);
	assert_int_equal(fds[3], strlen(ran.command));
	assert_int_equal(fds[0], fds[2]);
	assert_int_equal(ran.limit, (1024ull + 256) << 20);
	assert_non_null(strstr(ran.calls, "limit bound bound initgroups"));
}

static void a_user_without_an_entry_has_no_groups(void **state)
{
	(void)state;
	assert_int_equal(exec_run("--user 7:7 " BOTH NAMED), -ENOENT);
	assert_string_equal(ran.calls,
			    "bound bound setgroups gid uid caps privs exec");
}

/* Who is not root keeps the user, and gives up the rest. */
static void a_user_runs_it_as_himself(void **state)
{
	(void)state;
	ran.uid = 1000;
	setenv("SUDO_UID", "7", 1);
	setenv("SUDO_GID", "7", 1);
	assert_int_equal(exec_run(BOTH NAMED), -ENOENT);
	assert_string_equal(ran.calls, "bound bound caps privs exec");
}

static void descriptors_are_listed(void **state)
{
	(void)state;
	assert_int_equal(exec_run("--listen-fds --user 1000:1001 " BOTH
				  "vmm {fd:1} {iommufd}"),
			 -ENOENT);
	assert_string_equal(ran.command, "vmm 5 3");
	assert_string_equal(ran.listen, "3 iommufd:fd0:fd1");
	assert_int_equal(ran.kept, 3);
	assert_int_equal(ran.first_fd, 3);
}

static void what_the_caller_passed_is_not_replaced(void **state)
{
	int fd = fcntl(0, F_DUPFD, 4);

	(void)state;
	assert_int_equal(fd, 4);
	exec_expect_error("--listen-fds --user 1000:1001 " BOTH "vmm",
			  LEND_ERROR_ARGUMENT, "descriptor 4 is open already",
			  "4<&-");
	assert_int_equal(exec_run("--user 1000:1001 " BOTH NAMED), -ENOENT);
	assert_int_equal(ran.kept, 4);
	close(fd);
}

static void wrong_commands_are_refused(void **state)
{
	static const struct {
		const char *line, *what, *remedy;
	} cases[] = {
		{"--user 7:7 " BOTH "vmm {fd:0} {fd:1}", "{iommufd} is missing",
		 "--listen-fds"},
		{"--user 7:7 " BOTH "vmm {iommufd} {fd:0}", "{fd:1} is missing",
		 "put {fd:1}"},
		{"--user 7:7 " BOTH NAMED " {fd:2}",
		 "placeholder {fd:2} stands for no device", FIRST},
		{"--user 7:7 " BOTH NAMED " {fd:}",
		 "placeholder {fd:} stands for no device", ""},
		{"--user 7:7 " BOTH NAMED " {fd:-1}", "stands for no", ""},
		{"--user 7:7 " BOTH NAMED " {fd:0", "stands for no", ""},
		{"--user 7:7 " BOTH NAMED " {fd:4294967295}", "stands for no",
		 ""},
		{"--listen-fds --user 7:7 " BOTH "vmm {fd:9}", "stands for no",
		 ""},
		{BOTH NAMED, "would run as root", "--user USER"},
		{"--user root " BOTH NAMED, "would run as root", "--user USER"},
		{"--user 7: " BOTH NAMED, "unknown user '7:'", "getent"},
		{"--user 7:7 02:00.0 02:00.0 -- vmm", "given twice", ""},
		{"--user 7:7 02:00.0 --", "no command", ""},
		{"--user 7:7 02:00.0", "no command", ""},
		{"--user 7:7 -- vmm", "no device given", ""},
		{"--user -- vmm", "requires a value", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		exec_expect_error(cases[i].line, LEND_ERROR_ARGUMENT,
				  cases[i].what, cases[i].remedy);
}

/* A command with more rights than promised must not be executed. */
static void each_failure_ends_it(void **state)
{
	static const char *const calls[] = {"limit", "initgroups", "gid",
					    "uid",   "caps",       "privs"};

	(void)state;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		ran.fails = calls[i];
		assert_int_equal(exec_run("--user 1000:1001 -m 64 " BOTH NAMED),
				 -EPERM);
		assert_null(strstr(ran.calls, "exec"));
		assert_string_equal(ran.calls + strlen(ran.calls) -
					    strlen(calls[i]),
				    calls[i]);
	}
	ran.fails = "bound";
	assert_int_equal(exec_run("--user 1000:1001 " BOTH NAMED), -ENOENT);
}

static void no_device_has_that_name(void **state)
{
	(void)state;
	exec_expect_error("--user 7:7 09:00.0 -- " NAMED, LEND_ERROR_NO_DEVICE,
			  "no such device", "");
}

/* Each call of the kernel fails once: then nothing is executed, or it was one
 * that the command does without. */
static void a_call_that_fails_leaves_nothing_open(void **state)
{
	unsigned int refused = 0;

	(void)state;
	for (ran.nth = 1; ran.nth < 1000; ran.nth++) {
		int err = exec_run("--user 1000:1001 " BOTH NAMED);

		if (!lend_test_has_failed(ran.test))
			break;
		if (err == -ENOENT && strstr(ran.calls, "exec"))
			continue;
		assert_true(err < 0);
		assert_string_equal(ran.calls, "");
		refused++;
	}
	assert_true(ran.nth < 1000);
	/* Three opens, and an address space. */
	assert_true(refused >= 4);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, exec_setup, exec_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_caller_of_sudo_gets_descriptors),
		TEST(placeholders_are_replaced_anywhere),
		TEST(a_user_without_an_entry_has_no_groups),
		TEST(a_user_runs_it_as_himself),
		TEST(descriptors_are_listed),
		TEST(what_the_caller_passed_is_not_replaced),
		TEST(wrong_commands_are_refused),
		TEST(each_failure_ends_it),
		TEST(no_device_has_that_name),
		TEST(a_call_that_fails_leaves_nothing_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
