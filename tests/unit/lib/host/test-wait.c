// SPDX-License-Identifier: MIT
// Waits that are reported: for another command's lock, and for the kernel.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "lib/base/apart.h"
#include "lib/base/sysfs.h"
#include "lib/host/lock.h"
#include "tests/unit/lib/address/machine.h"

static int wait_test_poll(const struct kernel *k, struct pollfd *fds,
			  unsigned int count, int milliseconds)
{
	(void)k;
	(void)fds;
	(void)count;
	(void)milliseconds;
	return 0;
}

static ssize_t wait_test_apart(const struct kernel *k,
			       const struct apart_job *job)
{
	(void)k;
	job->slow(job->opaque);
	return (ssize_t)job->size;
}

static int wait_test_setup(void **state)
{
	int err = machine_setup(state);
	struct machine *m = *state;

	m->fake->kernel.poll = wait_test_poll;
	m->fake->kernel.apart = wait_test_apart;
	return err;
}

static void a_lock_that_is_taken_is_reported(void **state)
{
	struct machine *m = *state;
	int lock;

	m->fake->locked = 10;
	lock = lock_take(m->ctx);
	assert_true(lock >= 0);
	assert_string_equal(m->log, "");
	lock_release(m->ctx, lock);
	m->fake->locked = 30;
	lock = lock_take(m->ctx);
	assert_true(lock >= 0);
	assert_non_null(strstr(m->log, "waiting up to 8 s for another command "
				       "of lend, which has locked "));
	lock_release(m->ctx, lock);
}

static void a_change_that_lasts_is_reported(void **state)
{
	struct machine *m = *state;

	assert_int_equal(sysfs_write_apart(m->ctx, "/sys/x/unbind",
					   "0000:02:00.0\n", -1, 60),
			 0);
	assert_non_null(strstr(m->log, "waiting up to 60 s for the kernel to "
				       "carry out '0000:02:00.0' in "
				       "/sys/x/unbind"));
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, wait_test_setup, machine_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_lock_that_is_taken_is_reported),
		TEST(a_change_that_lasts_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
