// SPDX-License-Identifier: MIT
// A failed write ends neither the run nor the process after it.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "vmm/machine/signals.h"

static void signals_expect_failure(void)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_int_equal(write(ends[1], "", 1), -1);
	assert_int_equal(errno, EPIPE);
	close(ends[1]);
}

static bool signals_is_blocked(int number)
{
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	return sigismember(&mask, number) == 1;
}

static void a_failed_write_ends_nothing(void **state)
{
	struct signals signals = {.fd = -1};

	(void)state;
	signals_block_writes(&signals);
	assert_int_equal(signals_open(&signals), 0);
	signals_expect_failure();
	signals_expect_failure();
	signals_close(&signals);
	assert_false(signals_is_blocked(SIGPIPE));
	assert_false(signals_is_blocked(SIGXFSZ));
	assert_false(signals_is_blocked(SIGTERM));
	signals_close(&signals);
}

static void the_callers_signals_stay(void **state)
{
	struct signals signals = {.fd = -1};
	sigset_t pipe_only, pending;

	(void)state;
	sigemptyset(&pipe_only);
	sigaddset(&pipe_only, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
	signals_expect_failure();
	signals_block_writes(&signals);
	signals_close(&signals);
	assert_true(signals_is_blocked(SIGPIPE));
	assert_int_equal(sigpending(&pending), 0);
	assert_true(sigismember(&pending, SIGPIPE));
	signal(SIGPIPE, SIG_IGN); /* drops it */
	pthread_sigmask(SIG_UNBLOCK, &pipe_only, NULL);
	signal(SIGPIPE, SIG_DFL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failed_write_ends_nothing),
		cmocka_unit_test(the_callers_signals_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
