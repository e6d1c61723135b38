// SPDX-License-Identifier: MIT
// A signal asks for the end of a run: the power button, again and again, and
// the deadline.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/machine/shutdown.h"

static struct {
	struct watch watch;
	struct shutdown shutdown;
	unsigned int presses;
	int timer; /* pipe: its other end; a number of ticks is written there */
	int create_fails;
	struct itimerspec when;
} script;

int __wrap_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags)
{
	int ends[2];

	(void)clock;
	(void)flags;
	errno = script.create_fails;
	if (errno || pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -1;
	script.timer = ends[1];
	return ends[0];
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
			   struct itimerspec *before);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
			   struct itimerspec *before)
{
	(void)fd;
	(void)flags;
	(void)before;
	script.when = *when;
	return 0;
}

static void shutdown_test_press(void *opaque)
{
	(void)opaque;
	script.presses++;
}

static void shutdown_test_open(struct lend_ctx *ctx, unsigned int seconds)
{
	const struct shutdown_host host = {
		.watch = &script.watch,
		.seconds = seconds,
		.press_power = shutdown_test_press,
	};

	script.presses = 0;
	script.timer = -1;
	script.create_fails = 0;
	assert_int_equal(watch_open(&script.watch, ctx), 0);
	shutdown_init(&script.shutdown, &host);
}

static void shutdown_test_close(void)
{
	int fd = script.shutdown.timer_fd;

	shutdown_close(&script.shutdown);
	watch_close(&script.watch);
	if (fd >= 0)
		assert_int_equal(fcntl(fd, F_GETFD), -1);
	if (script.timer >= 0)
		close(script.timer);
}

static void shutdown_test_pass(uint64_t seconds)
{
	assert_int_equal(write(script.timer, &seconds, sizeof(seconds)),
			 sizeof(seconds));
	watch_turn(&script.watch);
}

static void the_button_is_pressed_until_the_deadline(void **state)
{
	shutdown_test_open(*state, 12);
	assert_true(shutdown_begin(&script.shutdown));
	assert_int_equal(script.when.it_interval.tv_sec, 1);
	assert_int_equal(script.presses, 1);
	for (int i = 1; i < 12; i++)
		shutdown_test_pass(1);
	assert_int_equal(script.presses, 3);
	assert_false(script.shutdown.is_over);
	shutdown_test_pass(1);
	assert_true(script.shutdown.is_over);
	assert_int_equal(script.presses, 3);
	shutdown_test_close();
}

static void a_process_that_was_stopped_misses_no_deadline(void **state)
{
	shutdown_test_open(*state, 30);
	assert_true(shutdown_begin(&script.shutdown));
	shutdown_test_pass(100);
	assert_true(script.shutdown.is_over);
	shutdown_test_close();
}

static void asked_twice_it_ends_at_once(void **state)
{
	shutdown_test_open(*state, 30);
	assert_true(shutdown_begin(&script.shutdown));
	assert_false(shutdown_begin(&script.shutdown));
	assert_int_equal(script.presses, 1);
	shutdown_test_close();
}

static void without_time_or_timer_it_ends_at_once(void **state)
{
	shutdown_test_open(*state, 0);
	assert_false(shutdown_begin(&script.shutdown));
	shutdown_test_close();
	shutdown_test_open(*state, 30);
	script.create_fails = EMFILE;
	assert_false(shutdown_begin(&script.shutdown));
	assert_int_equal(script.presses, 0);
	shutdown_test_close();
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, context_setup, context_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_button_is_pressed_until_the_deadline),
		TEST(a_process_that_was_stopped_misses_no_deadline),
		TEST(asked_twice_it_ends_at_once),
		TEST(without_time_or_timer_it_ends_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
