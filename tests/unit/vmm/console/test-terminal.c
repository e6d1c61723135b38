// SPDX-License-Identifier: MIT
// A terminal is raw while the guest uses it, and restored however the process
// ends.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "vmm/console/terminal.h"

#define COOKED (ICANON | ECHO | ISIG)

/*
 * Whether a call waited for output to drain, which never happens on a serial
 * line whose peer reads nothing.
 */
static bool waits;

/* A terminal that refuses. */
static bool is_rigid;

int tcsetattr(int fd, int action, const struct termios *t)
{
	if (is_rigid)
		return -1;
	waits |= action != TCSANOW;
	return ioctl(fd, TCSETS, t);
}

/* The process group in the foreground of each terminal; 0: the kernel's word.
 */
static pid_t foreground;

pid_t tcgetpgrp(int fd)
{
	pid_t group;

	if (foreground)
		return foreground;
	return ioctl(fd, TIOCGPGRP, &group) ? -1 : group;
}

struct pair {
	int ours, user; /* @user is the other end of the terminal */
};

static int terminal_setup(void **state)
{
	static struct pair pair;

	*state = &pair;
	pair.user = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (pair.user < 0 || grantpt(pair.user) || unlockpt(pair.user))
		return -1;
	pair.ours = open(ptsname(pair.user), O_RDWR | O_NOCTTY | O_CLOEXEC);
	return pair.ours < 0 ? -1 : 0;
}

static int terminal_teardown(void **state)
{
	struct pair *p = *state;

	close(p->ours);
	close(p->user);
	return 0;
}

static bool is_cooked(const struct pair *p)
{
	struct termios now;

	assert_int_equal(tcgetattr(p->ours, &now), 0);
	return (now.c_lflag & COOKED) == COOKED;
}

static void the_terminal_is_restored(void **state)
{
	struct pair *p = *state;
	struct terminal terminal;
	int left = -1;

	assert_true(is_cooked(p));
	waits = false;
	terminal_open(&terminal, p->ours);
	assert_false(is_cooked(p));
	assert_int_equal(write(p->user, "x", 1), 1);
	terminal_close(&terminal);
	assert_true(is_cooked(p));
	assert_false(waits);
	/* Unread input for the guest is discarded. */
	assert_int_equal(ioctl(p->ours, FIONREAD, &left), 0);
	assert_int_equal(left, 0);
	terminal_close(&terminal);
}

/* "lend run &": keys are the shell's until it puts the job into the foreground.
 */
static void a_job_in_the_background_waits_for_the_terminal(void **state)
{
	struct pair *p = *state;
	struct terminal terminal;

	foreground = getpgrp() + 1;
	terminal_open(&terminal, p->ours);
	assert_true(terminal.away);
	assert_true(is_cooked(p));
	terminal_resume(&terminal);
	assert_true(terminal.away);
	assert_true(is_cooked(p));
	foreground = getpgrp();
	terminal_resume(&terminal);
	assert_false(terminal.away);
	assert_false(is_cooked(p));
	foreground = 0;
	terminal_close(&terminal);
	assert_true(is_cooked(p));
}

/* A shell makes its terminal cooked when a job stops. */
static void a_stopped_job_is_raw_again(void **state)
{
	struct pair *p = *state;
	struct terminal terminal;
	struct termios shell;

	assert_int_equal(tcgetattr(p->ours, &shell), 0);
	terminal_open(&terminal, p->ours);
	assert_int_equal(tcsetattr(p->ours, TCSANOW, &shell), 0);
	terminal_resume(&terminal);
	assert_false(is_cooked(p));
	/* Continued without a stop, its settings are not those to restore. */
	terminal_resume(&terminal);
	terminal_close(&terminal);
	assert_true(is_cooked(p));
}

/* Whoever is in the foreground has settings of its own. */
static void a_job_in_the_background_restores_nothing(void **state)
{
	struct pair *p = *state;
	struct terminal terminal;

	terminal_open(&terminal, p->ours);
	foreground = getpgrp() + 1;
	terminal_resume(&terminal);
	assert_true(terminal.away);
	terminal_close(&terminal);
	assert_false(is_cooked(p));
	foreground = 0;
}

static void other_files_are_left_alone(void **state)
{
	struct terminal terminal;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	terminal_open(&terminal, fds[0]);
	assert_false(terminal.raw);
	terminal_close(&terminal);
	close(fds[0]);
	close(fds[1]);
}

/* The status of a process that gets the signal with the terminal raw. */
static int end_by(const struct pair *p, int number, bool ignored)
{
	const struct rlimit no_core = {0, 0};
	struct terminal terminal;
	int status = 0;
	pid_t child = fork();

	if (!child) {
		setrlimit(RLIMIT_CORE, &no_core);
		/* Without cmocka's handlers. */
		signal(number, ignored ? SIG_IGN : SIG_DFL);
		dup2(p->ours, STDIN_FILENO);
		terminal_open(&terminal, STDIN_FILENO);
		raise(number);
		terminal_close(&terminal);
		raise(number);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void no_signal_leaves_the_terminal_raw(void **state)
{
	static const int numbers[] = {
		SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,  SIGABRT, SIGTRAP,
		SIGSYS,  SIGXCPU, SIGXFSZ, SIGALRM, SIGUSR2,
	};
	const struct pair *p = *state;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		int status = end_by(p, numbers[i], false);

		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), numbers[i]);
		if (!is_cooked(p))
			fail_msg("signal %d leaves the terminal raw",
				 numbers[i]);
	}
}

static void an_ignored_signal_stays_so(void **state)
{
	const struct pair *p = *state;
	int status = end_by(p, SIGXFSZ, true);

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_true(is_cooked(p));
}

static void on_users_signal(int number)
{
	(void)number;
}

/* What the process did with a signal before, it does again. */
static void the_callers_handlers_come_back(void **state)
{
	const struct pair *p = *state;
	struct sigaction action = {.sa_handler = on_users_signal}, now, before;
	struct terminal terminal;

	assert_int_equal(sigaction(SIGUSR2, &action, &before), 0);
	for (int rigid = 0; rigid <= 1; rigid++) {
		is_rigid = rigid;
		terminal_open(&terminal, p->ours);
		sigaction(SIGUSR2, NULL, &now);
		assert_ptr_not_equal(now.sa_handler, on_users_signal);
		terminal_close(&terminal);
		sigaction(SIGUSR2, NULL, &now);
		assert_ptr_equal(now.sa_handler, on_users_signal);
	}
	is_rigid = false;
	sigaction(SIGUSR2, &before, NULL);
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, terminal_setup, terminal_teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_terminal_is_restored),
		TEST(a_job_in_the_background_waits_for_the_terminal),
		TEST(a_stopped_job_is_raw_again),
		TEST(a_job_in_the_background_restores_nothing),
		TEST(other_files_are_left_alone),
		TEST(no_signal_leaves_the_terminal_raw),
		TEST(an_ignored_signal_stays_so),
		TEST(the_callers_handlers_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
