// SPDX-License-Identifier: MIT
// What is reported of a long phase of work, by a clock of the test's own.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include <lend/context.h>

#include "vmm/base/progress.h"

#define GIB (UINT64_C(1) << 30)

static int64_t milliseconds;

int __wrap_clock_gettime(clockid_t id, struct timespec *now);

int __wrap_clock_gettime(clockid_t id, struct timespec *now)
{
	(void)id;
	now->tv_sec = milliseconds / 1000;
	now->tv_nsec = milliseconds % 1000 * 1000000;
	return 0;
}

static char said[1024];

static void progress_test_log(void *opaque, enum lend_log_level level,
			      const char *text)
{
	size_t length = strlen(said);

	(void)opaque;
	snprintf(said + length, sizeof(said) - length, "%d %s\n", (int)level,
		 text);
}

static int progress_test_setup(void **state)
{
	const struct lend_ctx_options options = {
		.size = sizeof(options),
		.log = progress_test_log,
	};

	said[0] = '\0';
	return lend_ctx_new(&options, (struct lend_ctx **)state);
}

static int progress_test_teardown(void **state)
{
	lend_ctx_unref(*state);
	return 0;
}

static void short_work_is_silent_but_for_its_time(void **state)
{
	struct progress progress;

	progress_begin(&progress, *state, "clearing RAM", 4 * GIB);
	milliseconds += 1999;
	progress_add(&progress, 4 * GIB);
	progress_end(&progress);
	assert_string_equal(said, "1 clearing RAM: 4.0 GiB in 2.0 s\n");
}

static void long_work_is_reported_every_two_seconds(void **state)
{
	struct progress progress;

	progress_begin(&progress, *state, "pinning RAM", 64 * GIB);
	for (int i = 0; i < 12; i++) {
		milliseconds += 500;
		progress_add(&progress, GIB / 2);
	}
	assert_string_equal(said, "3 pinning RAM: 2.0 of 64.0 GiB\n"
				  "3 pinning RAM: 4.0 of 64.0 GiB\n"
				  "3 pinning RAM: 6.0 of 64.0 GiB\n");
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, progress_test_setup,                \
					progress_test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(short_work_is_silent_but_for_its_time),
		TEST(long_work_is_reported_every_two_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
