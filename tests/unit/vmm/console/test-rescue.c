// SPDX-License-Identifier: MIT
// A confined process leaves its terminal usable, whichever thread a signal ends
// it in. The terminal and the filters are the kernel's.
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/context.h>

#include "vmm/console/terminal.h"
#include "vmm/sandbox/sandbox.h"

#define COOKED   (ICANON | ECHO | ISIG)
#define PATIENCE 60 /* seconds */
#define DENIED   0  /* instead of a signal: a call that the filters deny */

/* How the shell saw its job end. */
enum rescue_result {
	RESCUE_GOOD,
	RESCUE_FAILED, /* to begin */
	RESCUE_STOPPED,
	RESCUE_STATUS,
	RESCUE_RAW,
};

struct rescue_job {
	struct sandbox sandbox;
	struct terminal terminal;
	struct lend_ctx *ctx;
	bool is_vcpu, is_away;
	int number; /* of the signal that ends it, or DENIED */
	int status; /* that the shell expects */
};

static bool terminal_is_cooked(void)
{
	struct termios now;

	return tcgetattr(STDIN_FILENO, &now) == 0 &&
	       (now.c_lflag & COOKED) == COOKED;
}

static void rescue_confine(struct rescue_job *job)
{
	const struct sandbox_options options = {.report = true};
	const struct rlimit no_core = {0, 0};

	setrlimit(RLIMIT_CORE, &no_core);
	alarm(PATIENCE);
	close(STDERR_FILENO); /* of the report */
	for (int number = 1; number < SIGRTMIN; number++)
		signal(number, SIG_DFL); /* not cmocka's handler */
	sandbox_init(&job->sandbox);
	if (setpgid(0, 0) || lend_ctx_new(NULL, &job->ctx))
		_exit(RESCUE_FAILED);
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(STDIN_FILENO, getpid());
	signal(SIGTTOU, SIG_DFL);
	terminal_open(&job->terminal, STDIN_FILENO);
	if (terminal_is_cooked() ||
	    sandbox_enter(&job->sandbox, job->ctx, &options, false))
		_exit(RESCUE_FAILED);
}

static void *rescue_end(void *opaque)
{
	struct rescue_job *job = opaque;

	if (job->is_vcpu && sandbox_enter_vcpu(&job->sandbox, job->ctx))
		_exit(RESCUE_FAILED);
	if (job->number == DENIED)
		syscall(SYS_getppid);
	else
		pthread_kill(pthread_self(), job->number);
	return NULL;
}

static _Noreturn void rescue_run(struct rescue_job *job, int moved[2])
{
	pthread_t thread;
	char byte = 0;

	rescue_confine(job);
	/* The shell takes the terminal. */
	if (job->is_away &&
	    (write(moved[1], &byte, 1) != 1 || read(moved[1], &byte, 1) != 1))
		_exit(RESCUE_FAILED);
	if (pthread_create(&thread, NULL, rescue_end, job))
		_exit(RESCUE_FAILED);
	pthread_join(thread, NULL);
	terminal_resume(&job->terminal);
	terminal_close(&job->terminal);
	_exit(RESCUE_GOOD);
}

/* Takes the terminal as a shell does whose job is stopped and continued. */
static void shell_take_terminal(int fd)
{
	char byte;

	if (read(fd, &byte, 1) != 1)
		return;
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(STDIN_FILENO, getpgrp());
	signal(SIGTTOU, SIG_DFL);
	if (write(fd, &byte, 1) != 1)
		return;
}

static int shell_status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

/* The leader of a session whose terminal is the standard input: when it ends,
 * the kernel resets the terminal. */
static _Noreturn void shell_run(int user, struct rescue_job *job)
{
	int moved[2], status, fd;
	pid_t pid;

	setsid();
	fd = open(ptsname(user), O_RDWR);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM, 0, moved))
		_exit(RESCUE_FAILED);
	pid = fork();
	if (!pid)
		rescue_run(job, moved);
	if (pid < 0)
		_exit(RESCUE_FAILED);
	close(moved[1]);
	if (job->is_away)
		shell_take_terminal(moved[0]);
	if (waitpid(pid, &status, WUNTRACED) != pid || WIFSTOPPED(status)) {
		kill(pid, SIGKILL);
		_exit(RESCUE_STOPPED);
	}
	if (shell_status_of(status) != job->status)
		_exit(RESCUE_STATUS);
	/* Of a job in the background the settings are not its own. */
	_exit(terminal_is_cooked() == !job->is_away ? RESCUE_GOOD : RESCUE_RAW);
}

static void assert_rescued(struct rescue_job *job)
{
	static const char *const results[] = {
		[RESCUE_FAILED] = "failed to begin",
		[RESCUE_STOPPED] = "stopped",
		[RESCUE_STATUS] = "ended in another way",
		[RESCUE_RAW] = "left the terminal raw",
	};
	int user = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;
	pid_t pid;

	assert_true(user >= 0 && !grantpt(user) && !unlockpt(user));
	pid = fork();
	if (!pid)
		shell_run(user, job);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(user);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) != RESCUE_GOOD)
		fail_msg("signal %d, vCPU %d, background %d: it %s",
			 job->number, job->is_vcpu, job->is_away,
			 results[WEXITSTATUS(status)]);
}

/* In each kind of thread, and with the terminal another job's. */
static void assert_all_rescued(int number, int status)
{
	for (int kind = 0; kind < 4; kind++) {
		struct rescue_job job = {
			.is_vcpu = kind & 1,
			.is_away = kind & 2,
			.number = number,
			.status = status,
		};

		assert_rescued(&job);
	}
}

static void signals_leave_the_terminal_usable(void **state)
{
	static const int numbers[] = {
		SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,    SIGABRT, SIGTRAP,
		SIGSYS,  SIGXCPU, SIGXFSZ, SIGALRM,   SIGUSR2, SIGVTALRM,
		SIGPROF, SIGIO,   SIGPWR,  SIGSTKFLT,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		/* The report takes it for a denied call, and exits. */
		if (numbers[i] != SIGSYS)
			assert_all_rescued(numbers[i], 128 + numbers[i]);
	}
}

static void denied_calls_leave_the_terminal_usable(void **state)
{
	(void)state;
	assert_all_rescued(DENIED, 128 + SIGSYS);
}

/* SIGWINCH ends nothing. */
static void a_run_that_ends_well_restores_the_terminal(void **state)
{
	(void)state;
	assert_all_rescued(SIGWINCH, RESCUE_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signals_leave_the_terminal_usable),
		cmocka_unit_test(denied_calls_leave_the_terminal_usable),
		cmocka_unit_test(a_run_that_ends_well_restores_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
