// SPDX-License-Identifier: MIT
// Work shared by threads: each piece once, as many threads as asked for.
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <cmocka.h>

#include "vmm/base/crew.h"

#define PIECES   40
#define PATIENCE 30 /* seconds */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t meet; /* threads that wait for each other in their first piece */
	size_t inside;
	unsigned int done[PIECES];
} work = {.lock = PTHREAD_MUTEX_INITIALIZER,
	  .changed = PTHREAD_COND_INITIALIZER};

static void do_piece(void *opaque, size_t i)
{
	struct timespec until;

	assert_ptr_equal(opaque, &work);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	pthread_mutex_lock(&work.lock);
	work.done[i]++;
	work.inside++;
	pthread_cond_broadcast(&work.changed);
	while (work.inside < work.meet)
		if (pthread_cond_timedwait(&work.changed, &work.lock, &until))
			fail_msg("only %zu threads", work.inside);
	pthread_mutex_unlock(&work.lock);
}

static void each_piece_is_done_once(void **state)
{
	static const struct {
		size_t threads, count, meet;
	} cases[] = {
		{1, PIECES, 1}, {0, 3, 1}, /* the caller is always one */
		{4, PIECES, 4}, {4, 2, 2}, {100, PIECES, CREW_MAX}, {4, 0, 0},
	};

	(void)state;
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		work.meet = cases[c].meet;
		work.inside = 0;
		for (size_t i = 0; i < PIECES; i++)
			work.done[i] = 0;
		crew_run(cases[c].threads, cases[c].count, do_piece, &work);
		for (size_t i = 0; i < PIECES; i++)
			assert_int_equal(work.done[i], i < cases[c].count);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_piece_is_done_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
