// SPDX-License-Identifier: MIT
// A device that the host requests back ends the run at the deadline, once.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/machine/recall.h"

#define DEVICE   "0000:00:05.0"
#define PATIENCE 60000 /* milliseconds */

int __real_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags);
int __real_timerfd_settime(int fd, int flags, const struct itimerspec *when,
			   struct itimerspec *before);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
			   struct itimerspec *before);

static struct {
	struct watch watch;
	struct recall recall;
	unsigned int presses, failures;
	int timer;
	int create_fails, set_fails; /* with this errno */
	struct itimerspec when;
} script;

int __wrap_timerfd_create(int clock, int flags)
{
	errno = script.create_fails;
	script.timer = errno ? -1 : __real_timerfd_create(clock, flags);
	return script.timer;
}

int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
			   struct itimerspec *before)
{
	script.when = *when;
	errno = script.set_fails;
	return errno ? -1 : __real_timerfd_settime(fd, flags, when, before);
}

static void recall_test_press(void *opaque)
{
	(void)opaque;
	script.presses++;
}

static void recall_test_fail(void *opaque, int err)
{
	(void)opaque;
	(void)err;
	script.failures++;
}

static void recall_begin(struct lend_ctx *ctx)
{
	const struct recall_host host = {
		.ctx = ctx,
		.watch = &script.watch,
		.press_power = recall_test_press,
		.fail = recall_test_fail,
	};

	script.presses = script.failures = 0;
	script.create_fails = script.set_fails = 0;
	script.timer = -1;
	assert_int_equal(watch_open(&script.watch, ctx), 0);
	recall_init(&script.recall, &host);
}

/* No timer is left. */
static void recall_end(void)
{
	recall_close(&script.recall);
	watch_close(&script.watch);
	if (script.timer >= 0)
		assert_int_equal(fcntl(script.timer, F_GETFD), -1);
}

static void the_run_ends_at_the_deadline(void **state)
{
	struct pollfd watched;

	recall_begin(*state);
	watched = (struct pollfd){.fd = script.watch.fd, .events = POLLIN};
	recall_device(&script.recall, DEVICE, "it is alone", 0);
	assert_true(fcntl(script.timer, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(poll(&watched, 1, PATIENCE), 1);
	watch_turn(&script.watch);
	assert_int_equal(script.failures, 1);
	assert_int_equal(lend_ctx_error(*state)->err, ETIMEDOUT);
	assert_string_equal(lend_ctx_error(*state)->device, DEVICE);
	assert_true(context_says(*state, "it is alone"));
	recall_end();
}

static void the_guest_has_the_time_that_was_given(void **state)
{
	recall_begin(*state);
	recall_device(&script.recall, DEVICE, NULL, 30);
	assert_int_equal(script.when.it_value.tv_sec, 30);
	assert_int_equal(script.when.it_value.tv_nsec, 0);
	recall_device(&script.recall, DEVICE, NULL, 30);
	assert_int_equal(script.presses, 2);
	watch_turn(&script.watch);
	assert_int_equal(script.failures, 0);
	recall_end();
}

static void without_a_timer_the_run_ends_at_once(void **state)
{
	recall_begin(*state);
	script.create_fails = EMFILE;
	recall_device(&script.recall, DEVICE, NULL, 30);
	assert_int_equal(script.failures, 1);
	assert_true(context_says(*state, "no timer"));
	recall_end();
	recall_begin(*state);
	script.set_fails = EINVAL;
	recall_device(&script.recall, DEVICE, NULL, 30);
	assert_int_equal(script.failures, 1);
	recall_end();
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, context_setup, context_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_run_ends_at_the_deadline),
		TEST(the_guest_has_the_time_that_was_given),
		TEST(without_a_timer_the_run_ends_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
