// SPDX-License-Identifier: MIT
// A device leaves the guest by its driver, by force at the deadline, or not at
// all: which, is up to what the guest shows of itself.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/machine/unplug.h"

#define DEVICE   "0000:00:06.0"
#define PORT     2
#define PATIENCE 60000 /* milliseconds */

int __real_timerfd_create(int clock, int flags);
int __wrap_timerfd_create(int clock, int flags);
int __real_timerfd_settime(int fd, int flags, const struct itimerspec *when,
			   struct itimerspec *before);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
			   struct itimerspec *before);

static struct {
	struct watch watch;
	struct unplug unplug;
	struct slot_view view; /* of the port */
	bool is_mapping;       /* guest RAM, for DMA */
	unsigned int presses, removals, forced, given_up, refused;
	unsigned int left; /* seconds, of give_up() */
	const char *why;
	int timer, timer_fails;
	long seconds; /* of the timer */
} guest;

int __wrap_timerfd_create(int clock, int flags)
{
	errno = guest.timer_fails;
	guest.timer = errno ? -1 : __real_timerfd_create(clock, flags);
	return guest.timer;
}

/* Time stands still: see time_passes(). */
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
			   struct itimerspec *before)
{
	struct itimerspec never = {.it_value.tv_sec = 1000000};

	guest.seconds = when->it_value.tv_sec;
	assert_true(guest.seconds || when->it_value.tv_nsec);
	return __real_timerfd_settime(fd, flags, &never, before);
}

static struct slot_view guest_look(void *opaque, unsigned int port)
{
	(void)opaque;
	return port == PORT ? guest.view : (struct slot_view){0};
}

static void guest_press(void *opaque, unsigned int port)
{
	(void)opaque;
	assert_int_equal(port, PORT);
	guest.presses++;
}

static bool guest_may_leave(void *opaque)
{
	(void)opaque;
	return !guest.is_mapping;
}

static void guest_remove(void *opaque, unsigned int port, bool forced)
{
	(void)opaque;
	assert_int_equal(port, PORT);
	assert_false(guest.is_mapping);
	guest.removals++;
	guest.forced += forced;
	guest.view.is_full = false;
}

static void guest_give_up(void *opaque, const char *device, const char *why,
			  unsigned int seconds)
{
	(void)opaque;
	assert_string_equal(device, DEVICE);
	guest.given_up++;
	guest.why = why;
	guest.left = seconds;
}

static void guest_keep(void *opaque, unsigned int port, const char *why)
{
	(void)opaque;
	assert_int_equal(port, PORT);
	guest.refused++;
	guest.why = why;
}

static void unplug_test_begin(struct lend_ctx *ctx, unsigned int seconds)
{
	const struct unplug_host host = {
		.ctx = ctx,
		.watch = &guest.watch,
		.seconds = seconds,
		.look = guest_look,
		.press = guest_press,
		.may_leave = guest_may_leave,
		.remove = guest_remove,
		.give_up = guest_give_up,
		.refused = guest_keep,
	};

	memset(&guest, 0, sizeof(guest));
	guest.view = (struct slot_view){
		.is_pluggable = true,
		.is_full = true,
		.has_driver = true,
		.is_on = true,
	};
	guest.timer = -1;
	assert_int_equal(watch_open(&guest.watch, ctx), 0);
	assert_int_equal(unplug_open(&guest.unplug, &host, 3), 0);
}

/* No timer is left. */
static void unplug_test_end(void)
{
	unplug_close(&guest.unplug);
	watch_close(&guest.watch);
	if (guest.timer >= 0)
		assert_int_equal(fcntl(guest.timer, F_GETFD), -1);
}

static void guest_blinks(void)
{
	guest.view.is_on = false;
	guest.view.is_busy = true;
	unplug_news(&guest.unplug, PORT, SLOT_WRITTEN);
}

static void guest_turns_on(void)
{
	guest.view.is_on = true;
	guest.view.is_busy = false;
	unplug_news(&guest.unplug, PORT, SLOT_WRITTEN);
}

static void host_asks(void)
{
	unplug_ask(&guest.unplug, PORT, DEVICE, true);
}

static void time_passes(void)
{
	struct pollfd watched = {.fd = guest.watch.fd, .events = POLLIN};
	struct itimerspec now = {.it_value.tv_nsec = 1};

	assert_int_equal(__real_timerfd_settime(guest.timer, 0, &now, NULL), 0);
	assert_int_equal(poll(&watched, 1, PATIENCE), 1);
	watch_turn(&guest.watch);
}

static bool obstacle_is(unsigned int port, const char *words)
{
	const char *why = unplug_obstacle(&guest.unplug, port);

	return words ? why && strstr(why, words) : !why;
}

static void what_cannot_leave_has_a_reason(void **state)
{
	unplug_test_begin(*state, 30);
	assert_true(obstacle_is(0, "root bus"));
	assert_true(obstacle_is(1, "hotplug=on"));
	assert_true(obstacle_is(4, "hotplug=on"));
	assert_true(obstacle_is(PORT, NULL));
	guest.view.has_driver = false;
	assert_true(obstacle_is(PORT, NULL)); /* it may be booting */
	unplug_ask(&guest.unplug, 0, DEVICE, true);
	unplug_ask(&guest.unplug, 4, DEVICE, true);
	unplug_news(&guest.unplug, 4, SLOT_RELEASED);
	unplug_test_end();
	unplug_test_begin(*state, 2);
	guest.view.has_driver = false;
	assert_true(obstacle_is(PORT, "no driver"));
	unplug_test_end();
}

static void the_guest_releases_it(void **state)
{
	unplug_test_begin(*state, 30);
	host_asks();
	assert_int_equal(guest.presses, 1);
	assert_int_equal(guest.seconds, 30);
	assert_true(fcntl(guest.timer, F_GETFD) & FD_CLOEXEC);
	guest_blinks();
	host_asks(); /* a second press would be a change of mind */
	assert_int_equal(guest.presses, 1);
	assert_int_equal(unplug_state(&guest.unplug, PORT), UNPLUG_PRESSED);
	unplug_news(&guest.unplug, PORT, SLOT_WRITTEN | SLOT_RELEASED);
	assert_int_equal(guest.removals, 1);
	assert_int_equal(guest.forced, 0);
	assert_int_equal(unplug_state(&guest.unplug, PORT), UNPLUG_NONE);
	assert_int_equal(fcntl(guest.timer, F_GETFD), -1);
	unplug_test_end();
}

static void it_leaves_by_force_at_the_deadline(void **state)
{
	for (unsigned int seconds = 0; seconds < 2; seconds++) {
		unplug_test_begin(*state, seconds);
		host_asks();
		assert_int_equal(guest.removals, 0);
		time_passes();
		assert_int_equal(guest.removals, 1);
		assert_int_equal(guest.forced, 1);
		assert_int_equal(guest.given_up, 0);
		unplug_test_end();
	}
}

static void a_lost_press_is_repeated(void **state)
{
	unplug_test_begin(*state, 30);
	host_asks();
	guest_turns_on();
	assert_int_equal(guest.presses, 1);
	host_asks();
	assert_int_equal(guest.presses, 2);
	unplug_test_end();
}

static void a_busy_guest_is_asked_afterwards(void **state)
{
	unplug_test_begin(*state, 30);
	guest_blinks();
	host_asks();
	assert_int_equal(guest.presses, 0);
	assert_int_equal(unplug_state(&guest.unplug, PORT), UNPLUG_WAITING);
	guest_turns_on();
	assert_int_equal(guest.presses, 1);
	unplug_test_end();
}

static void a_guest_without_a_driver_is_shut_down(void **state)
{
	unplug_test_begin(*state, 45);
	guest.view.has_driver = false;
	host_asks();
	assert_int_equal(guest.seconds, 10);
	time_passes();
	assert_int_equal(guest.given_up, 1);
	assert_int_equal(guest.left, 35);
	assert_non_null(strstr(guest.why, "no driver"));
	assert_int_equal(guest.presses + guest.removals, 0);
	unplug_test_end();
}

static void a_booting_guest_is_asked_once_it_can_be(void **state)
{
	unplug_test_begin(*state, 9);
	guest.view.has_driver = false;
	host_asks();
	assert_int_equal(guest.seconds, 3);
	guest.view.has_driver = true;
	unplug_news(&guest.unplug, PORT, SLOT_WRITTEN);
	assert_int_equal(guest.presses, 1);
	time_passes();
	assert_int_equal(guest.removals, 0);
	assert_int_equal(guest.seconds, 6);
	time_passes();
	assert_int_equal(guest.forced, 1);
	unplug_test_end();
	/* The driver goes again. */
	unplug_test_begin(*state, 9);
	host_asks();
	guest.view.has_driver = false;
	time_passes();
	assert_int_equal(guest.given_up, 1);
	assert_int_equal(guest.left, 0);
	unplug_test_end();
}

static void a_user_can_wait_and_the_host_cannot(void **state)
{
	unplug_test_begin(*state, 30);
	unplug_ask(&guest.unplug, PORT, DEVICE, false);
	assert_int_equal(guest.presses, 1);
	time_passes();
	assert_int_equal(guest.refused, 1);
	assert_non_null(strstr(guest.why, "in time"));
	assert_int_equal(guest.removals + guest.given_up, 0);
	assert_int_equal(unplug_state(&guest.unplug, PORT), UNPLUG_NONE);
	unplug_ask(&guest.unplug, PORT, DEVICE, false);
	host_asks();
	unplug_ask(&guest.unplug, PORT, DEVICE, false);
	time_passes();
	assert_int_equal(guest.forced, 1);
	unplug_test_end();
}

/* A vCPU that waits for RAM holds the device's lock. */
static void it_stays_while_ram_is_mapped(void **state)
{
	unplug_test_begin(*state, 30);
	guest.is_mapping = true;
	host_asks();
	assert_int_equal(guest.presses, 0);
	time_passes();
	assert_int_equal(guest.removals, 0);
	assert_int_equal(guest.seconds, 1);
	guest.is_mapping = false;
	time_passes();
	assert_int_equal(guest.forced, 1);
	guest.is_mapping = guest.view.is_full = true;
	unplug_news(&guest.unplug, PORT, SLOT_RELEASED);
	time_passes();
	assert_int_equal(guest.removals, 1);
	guest.is_mapping = false;
	time_passes();
	assert_int_equal(guest.removals, 2);
	assert_int_equal(guest.forced, 1);
	unplug_test_end();
}

/* The guest, which has turned its indicator on, writes nothing more. */
static void it_is_asked_for_once_ram_is_mapped(void **state)
{
	unplug_test_begin(*state, 30);
	guest.is_mapping = true;
	unplug_ask(&guest.unplug, PORT, DEVICE, false);
	guest_turns_on();
	unplug_retry(&guest.unplug);
	assert_int_equal(guest.presses, 0);
	guest.is_mapping = false;
	unplug_retry(&guest.unplug);
	assert_int_equal(guest.presses, 1);
	unplug_retry(&guest.unplug);
	assert_int_equal(guest.presses, 1);
	unplug_test_end();
}

static void a_guest_may_release_it_unasked(void **state)
{
	unplug_test_begin(*state, 30);
	unplug_news(&guest.unplug, PORT, SLOT_WRITTEN);
	assert_int_equal(guest.removals + guest.presses, 0);
	unplug_news(&guest.unplug, PORT, SLOT_RELEASED);
	assert_int_equal(guest.removals, 1);
	assert_int_equal(guest.forced, 0);
	unplug_test_end();
}

static void a_guest_that_resets_has_released_it(void **state)
{
	unplug_test_begin(*state, 30);
	unplug_end_all(&guest.unplug);
	assert_int_equal(guest.removals, 0);
	host_asks();
	guest.is_mapping = true;
	unplug_end_all(&guest.unplug);
	assert_int_equal(guest.removals, 0);
	guest.is_mapping = false;
	unplug_news(&guest.unplug, PORT, SLOT_WRITTEN);
	assert_int_equal(guest.presses, 2);
	unplug_end_all(&guest.unplug);
	assert_int_equal(guest.removals, 1);
	unplug_test_end();
}

static void without_a_timer_the_deadline_is_now(void **state)
{
	unplug_test_begin(*state, 30);
	guest.timer_fails = EMFILE;
	host_asks();
	assert_int_equal(guest.forced, 1);
	guest.view.has_driver = false;
	host_asks();
	assert_int_equal(guest.given_up, 1);
	unplug_test_end();
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, context_setup, context_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_cannot_leave_has_a_reason),
		TEST(the_guest_releases_it),
		TEST(it_leaves_by_force_at_the_deadline),
		TEST(a_lost_press_is_repeated),
		TEST(a_busy_guest_is_asked_afterwards),
		TEST(a_guest_without_a_driver_is_shut_down),
		TEST(a_booting_guest_is_asked_once_it_can_be),
		TEST(a_user_can_wait_and_the_host_cannot),
		TEST(it_stays_while_ram_is_mapped),
		TEST(it_is_asked_for_once_ram_is_mapped),
		TEST(a_guest_may_release_it_unasked),
		TEST(a_guest_that_resets_has_released_it),
		TEST(without_a_timer_the_deadline_is_now),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
