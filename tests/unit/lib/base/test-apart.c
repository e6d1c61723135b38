// SPDX-License-Identifier: MIT
// A call in a process of its own: its result, and what that process keeps of
// the program while it sleeps.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/apart.h"
#include "fake/tree.h"

/* For what comes; a test that waits so long has failed. */
enum { BOUND = 30 };

struct apart_test {
	char root[TREE_ROOT];
	char file[TREE_ROOT + 8];
	char fifo[TREE_ROOT + 8]; /* opening it for writing sleeps */
};

static int apart_setup(void **state)
{
	static struct apart_test test;

	tree_make(test.root);
	snprintf(test.file, sizeof(test.file), "%s/file", test.root);
	snprintf(test.fifo, sizeof(test.fifo), "%s/fifo", test.root);
	tree_file(test.root, "file", "some text\n");
	tree_must(!mkfifo(test.fifo, 0600), "mkfifo");
	*state = &test;
	return 0;
}

static int apart_teardown(void **state)
{
	const struct apart_test *test = *state;

	tree_remove(test->root, "");
	return 0;
}

static ssize_t apart_write_text(const char *path, const char *text, int kept,
				unsigned int seconds)
{
	const struct apart_job job = {
		.path = path,
		.data = text,
		.size = strlen(text),
		.kept = kept,
		.seconds = seconds,
	};

	return apart_run(&job);
}

static ssize_t apart_read_text(const char *path, char text[64])
{
	const struct apart_job job = {
		.path = path,
		.buffer = text,
		.size = 63,
		.kept = -1,
		.seconds = BOUND,
	};
	ssize_t n = apart_run(&job);

	text[n < 0 ? 0 : n] = '\0';
	return n;
}

static void results_are_those_of_the_call(void **state)
{
	const struct apart_test *test = *state;
	char text[64];

	assert_int_equal(apart_read_text(test->file, text), 10);
	assert_string_equal(text, "some text\n");
	assert_int_equal(apart_write_text(test->file, "more", -1, BOUND), 4);
	assert_int_equal(apart_read_text(test->file, text), 10);
	assert_string_equal(text, "more text\n");
	assert_int_equal(apart_write_text("/dev/full", "x", -1, BOUND),
			 -ENOSPC);
	assert_int_equal(apart_read_text("/nonexistent", text), -ENOENT);
}

/* More than a pipe carries in one piece: all of "config". */
static void the_largest_attribute_is_whole(void **state)
{
	static char data[APART_MAX], back[APART_MAX];
	const struct apart_test *test = *state;
	const struct apart_job read = {
		.path = test->file,
		.buffer = back,
		.size = sizeof(back),
		.kept = -1,
		.seconds = BOUND,
	};
	const struct apart_job write = {
		.path = test->file,
		.data = data,
		.size = sizeof(data),
		.kept = -1,
		.seconds = BOUND,
	};

	memset(data, 0xa5, sizeof(data));
	assert_int_equal(apart_run(&write), sizeof(data));
	assert_int_equal(apart_run(&read), sizeof(back));
	assert_memory_equal(back, data, sizeof(data));
}

/* Lets the process that sleeps in open() go on. */
static void apart_wake(const struct apart_test *test, char text[64])
{
	int fd = open(test->fifo, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	assert_true(fd >= 0);
	n = read(fd, text, 63);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
}

static void a_call_that_sleeps_goes_on_after_the_limit(void **state)
{
	const struct apart_test *test = *state;
	char text[64];

	assert_int_equal(apart_write_text(test->fifo, "late", -1, 0),
			 -ETIMEDOUT);
	apart_wake(test, text);
	assert_string_equal(text, "late");
}

/* Ends the wait that it reports. */
static void apart_end_wait(void *opaque)
{
	const struct apart_test *test = opaque;
	char text[64];

	apart_wake(test, text);
}

static void a_long_wait_is_reported(void **state)
{
	struct apart_test *test = *state;
	const struct apart_job job = {
		.path = test->fifo,
		.data = "slow",
		.size = 4,
		.kept = -1,
		.seconds = BOUND,
		.slow = apart_end_wait,
		.opaque = test,
	};

	/* Without the report, nobody reads it. */
	assert_int_equal(apart_run(&job), 4);
}

static void descriptors_are_closed_there(void **state)
{
	const struct apart_test *test = *state;
	struct pollfd fd = {0};
	int pipes[2];
	char text[64];

	/* Not even marked close-on-exec. */
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(apart_write_text(test->fifo, "late", -1, 0),
			 -ETIMEDOUT);
	close(pipes[1]);
	fd.fd = pipes[0];
	assert_int_equal(poll(&fd, 1, BOUND * 1000), 1);
	assert_true(fd.revents & POLLHUP);
	close(pipes[0]);
	apart_wake(test, text);
}

static void the_descriptor_that_it_keeps_holds_a_lock(void **state)
{
	const struct apart_test *test = *state;
	int mine = open(test->file, O_RDWR | O_CLOEXEC);
	int other = open(test->file, O_RDWR | O_CLOEXEC);
	char text[64];

	assert_true(mine >= 0 && other >= 0);
	assert_int_equal(flock(mine, LOCK_EX), 0);
	assert_int_equal(apart_write_text(test->fifo, "late", mine, 0),
			 -ETIMEDOUT);
	close(mine);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	apart_wake(test, text);
	/* It ends with its call. */
	alarm(BOUND);
	assert_int_equal(flock(other, LOCK_EX), 0);
	alarm(0);
	close(other);
}

static volatile sig_atomic_t children_seen;

static void apart_note_child(int signal)
{
	(void)signal;
	children_seen++;
}

static void the_program_sees_no_child(void **state)
{
	const struct apart_test *test = *state;
	struct sigaction action = {.sa_handler = apart_note_child};
	/* Calls fill in the kernel's part alone, which is smaller. */
	sigset_t before = {0}, after = {0};
	char text[64];

	children_seen = 0;
	sigaction(SIGCHLD, &action, NULL);
	pthread_sigmask(SIG_SETMASK, NULL, &before);
	assert_int_equal(apart_read_text(test->file, text), 10);
	assert_int_equal(apart_write_text(test->fifo, "late", -1, 0),
			 -ETIMEDOUT);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	apart_wake(test, text);
	assert_int_equal(children_seen, 0);
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	signal(SIGCHLD, SIG_DFL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, apart_setup, apart_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(results_are_those_of_the_call),
		TEST(the_largest_attribute_is_whole),
		TEST(a_call_that_sleeps_goes_on_after_the_limit),
		TEST(a_long_wait_is_reported),
		TEST(descriptors_are_closed_there),
		TEST(the_descriptor_that_it_keeps_holds_a_lock),
		TEST(the_program_sees_no_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
