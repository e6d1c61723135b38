// SPDX-License-Identifier: MIT
// Reading and writing a file in a process of its own, with a time limit.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/apart.h"

/* What the process sends back, in one write() to a pipe. It may arrive in
 * pieces. */
struct apart_answer {
	int64_t result;
	char text[APART_MAX];
};

/* As fork(), without its handlers, and without a signal at the end: a program
 * that waits for any of its children does not get this one. The arguments are
 * in another order on some architectures, and all 0. */
static pid_t apart_clone(void)
{
	return (pid_t)syscall(SYS_clone, 0L, 0L, 0L, 0L, 0L);
}

/* In the child of a program with threads, locks of the C library may be held
 * for ever, and a wrapper may be a cancellation point. So all that follow make
 * system calls alone. */

static long apart_close_range(int first, int last)
{
	if (first > last)
		return 0;
	return syscall(SYS_close_range, (unsigned int)first, (unsigned int)last,
		       0);
}

/* A descriptor of a device, kept here, would keep the call waiting. */
static long apart_close_others(int a, int b)
{
	int low = a < b ? a : b, high = a < b ? b : a;
	long err = apart_close_range(0, low - 1);

	if (!err)
		err = apart_close_range(low + 1, high - 1);
	return err ? err : apart_close_range(high + 1, INT_MAX);
}

static int64_t apart_access(const struct apart_job *job, char *text)
{
	int flags = (job->data ? O_WRONLY : O_RDONLY) | O_CLOEXEC | O_NOCTTY;
	long fd = syscall(SYS_openat, AT_FDCWD, job->path, flags, 0);
	long n;

	if (fd < 0)
		return -errno;
	if (job->data)
		n = syscall(SYS_write, fd, job->data, job->size);
	else
		n = syscall(SYS_read, fd, text, job->size);
	return n < 0 ? -errno : n;
}

_Noreturn static void apart_exit(void)
{
	for (;;)
		syscall(SYS_exit_group, 0);
}

_Noreturn static void apart_work(const struct apart_job *job, int out)
{
	struct apart_answer answer = {0};
	int kept = job->kept < 0 ? out : job->kept;

	/* Not to be taken for the command that started it. */
	syscall(SYS_prctl, PR_SET_NAME, "lend-apart", 0, 0, 0);
	syscall(SYS_setsid);
	if (apart_close_others(out, kept))
		answer.result = -errno;
	else
		answer.result = apart_access(job, answer.text);
	syscall(SYS_write, out, &answer, sizeof(answer));
	apart_exit();
}

/* The process that works is a grandchild: it belongs to nobody who would have
 * to wait for it. */
_Noreturn static void apart_start(const struct apart_job *job, int out)
{
	struct apart_answer answer = {0};
	pid_t pid = apart_clone();

	if (!pid)
		apart_work(job, out);
	if (pid < 0) {
		answer.result = -errno;
		syscall(SYS_write, out, &answer, sizeof(answer));
	}
	apart_exit();
}

static int64_t apart_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Waits until there is something to read. Returns 0 or -errno. */
static int apart_poll(int in, int64_t end)
{
	struct pollfd fd = {.fd = in, .events = POLLIN};
	int count;

	do {
		int64_t left = end - apart_now();

		count = poll(&fd, 1, left < 0 ? 0 : (int)left);
	} while (count < 0 && errno == EINTR);
	if (count < 0)
		return -errno;
	return count ? 0 : -ETIMEDOUT;
}

/* Reads the whole answer until @end. Returns 0 or -errno. */
static int apart_receive(int in, int64_t end, struct apart_answer *answer)
{
	size_t used = 0;

	while (used < sizeof(*answer)) {
		int err = apart_poll(in, end);
		ssize_t n;

		if (err)
			return err;
		n = read(in, (char *)answer + used, sizeof(*answer) - used);
		if (n < 0)
			return -errno;
		/* It was killed. */
		if (!n)
			return -EINTR;
		used += (size_t)n;
	}
	return 0;
}

/* Waits for the answer. Returns 0 or -errno. */
static int apart_await(int in, const struct apart_job *job,
		       struct apart_answer *answer)
{
	int64_t start = apart_now();

	if (job->slow && job->seconds > APART_SLOW &&
	    apart_poll(in, start + 1000LL * APART_SLOW) == -ETIMEDOUT)
		job->slow(job->opaque);
	return apart_receive(in, start + 1000LL * job->seconds, answer);
}

ssize_t apart_run(const struct apart_job *job)
{
	struct apart_answer answer;
	sigset_t all, before;
	int pipes[2], err;
	pid_t pid;

	if (job->size > APART_MAX)
		return -EFBIG;
	if (pipe2(pipes, O_CLOEXEC))
		return -errno;
	/* No handler may run there: it would find the program half copied. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pid = apart_clone();
	if (!pid)
		apart_start(job, pipes[1]);
	err = pid < 0 ? -errno : 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	close(pipes[1]);
	while (pid > 0 && waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
		;
	if (!err)
		err = apart_await(pipes[0], job, &answer);
	close(pipes[0]);
	if (err)
		return err;
	if (!job->data && answer.result > 0)
		memcpy(job->buffer, answer.text, (size_t)answer.result);
	return (ssize_t)answer.result;
}
