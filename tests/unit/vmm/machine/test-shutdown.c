// SPDX-License-Identifier: MIT
// A signal asks for the end of a run: the power button, again and again, and
// the deadline.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/machine/shutdown.h"

enum { TIMER_END, TIMER_PRESS, TIMER_COUNT };

static struct {
	struct watch watch;
	struct shutdown shutdown;
	unsigned int presses;
	/* Pipes: their other ends, to write to when the time is over; or -1. */
	int timers[TIMER_COUNT];
	unsigned int created;
	unsigned int fails_from; /* timers from this one on cannot be created */
	time_t seconds[TIMER_COUNT];
} script;

static unsigned int shutdown_test_timer(unsigned int number)
{
	return number == 1 ? TIMER_END : TIMER_PRESS;
}

int __wrap_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags)
{
	unsigned int at = shutdown_test_timer(++script.created);
	int ends[2];

	(void)clock;
	(void)flags;
	errno = EMFILE;
	if (script.created >= script.fails_from ||
	    pipe2(ends, O_CLOEXEC | O_NONBLOCK))
		return -1;
	if (script.timers[at] >= 0)
		close(script.timers[at]);
	script.timers[at] = ends[1];
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
	script.seconds[shutdown_test_timer(script.created)] =
		when->it_value.tv_sec;
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

	script.presses = script.created = 0;
	script.timers[TIMER_END] = script.timers[TIMER_PRESS] = -1;
	script.fails_from = UINT_MAX;
	assert_int_equal(watch_open(&script.watch, ctx), 0);
	shutdown_init(&script.shutdown, &host);
}

static void shutdown_test_close(void)
{
	const int fds[] = {script.shutdown.end.fd, script.shutdown.press.fd};

	shutdown_close(&script.shutdown);
	watch_close(&script.watch);
	for (unsigned int i = 0; i < TIMER_COUNT; i++) {
		if (fds[i] >= 0)
			assert_int_equal(fcntl(fds[i], F_GETFD), -1);
		if (script.timers[i] >= 0)
			close(script.timers[i]);
	}
}

static void shutdown_test_is_over(unsigned int timer)
{
	assert_int_equal(write(script.timers[timer], "", 1), 1);
	watch_turn(&script.watch);
}

static void the_button_is_pressed_until_the_deadline(void **state)
{
	shutdown_test_open(*state, 12);
	assert_true(shutdown_begin(&script.shutdown));
	assert_int_equal(script.seconds[TIMER_END], 12);
	assert_int_equal(script.seconds[TIMER_PRESS], 5);
	assert_int_equal(script.presses, 1);
	shutdown_test_is_over(TIMER_PRESS);
	assert_int_equal(script.presses, 2);
	shutdown_test_is_over(TIMER_PRESS);
	assert_int_equal(script.presses, 3);
	assert_false(script.shutdown.is_over);
	shutdown_test_is_over(TIMER_END);
	assert_true(script.shutdown.is_over);
	assert_int_equal(script.presses, 3);
	shutdown_test_close();
}

/* Both are over by then. */
static void a_process_that_was_stopped_misses_no_deadline(void **state)
{
	shutdown_test_open(*state, 30);
	assert_true(shutdown_begin(&script.shutdown));
	assert_int_equal(write(script.timers[TIMER_END], "", 1), 1);
	shutdown_test_is_over(TIMER_PRESS);
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
	script.fails_from = 1;
	assert_false(shutdown_begin(&script.shutdown));
	assert_int_equal(script.presses, 0);
	shutdown_test_close();
}

static void without_a_second_timer_the_deadline_stands(void **state)
{
	shutdown_test_open(*state, 30);
	script.fails_from = 2;
	assert_true(shutdown_begin(&script.shutdown));
	assert_int_equal(script.presses, 1);
	shutdown_test_is_over(TIMER_END);
	assert_true(script.shutdown.is_over);
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
		TEST(without_a_second_timer_the_deadline_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
