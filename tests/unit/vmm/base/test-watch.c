// SPDX-License-Identifier: MIT
// Watched descriptors: called while there is something to read, and never after
// they were removed, from whichever thread.
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/base/watch.h"

#define COUNT 4

struct part {
	struct watch watch;
	struct source {
		struct part *part;
		struct watch_item item;
		int fd;
		_Atomic bool removed;
		_Atomic unsigned int calls, late;
		struct source *removes; /* when it is called, if not NULL */
	} sources[COUNT];
};

static void take(void *opaque)
{
	struct source *s = opaque;
	uint64_t count;

	s->calls++;
	assert_int_equal(read(s->fd, &count, sizeof(count)), sizeof(count));
	if (s->removes)
		watch_remove(&s->part->watch, &s->removes->item);
	sched_yield();
	s->late += s->removed;
}

static void add(struct source *s)
{
	s->item = (struct watch_item){.fd = s->fd, .ready = take, .opaque = s};
	assert_int_equal(watch_add(&s->part->watch, &s->item), 0);
}

static void fire(const struct source *s)
{
	const uint64_t one = 1;

	assert_int_equal(write(s->fd, &one, sizeof(one)), sizeof(one));
}

static bool has_work(const struct watch *watch)
{
	struct pollfd fd = {.fd = watch->fd, .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

static int setup(void **state)
{
	struct part *p = calloc(1, sizeof(*p));
	struct lend_ctx *ctx;

	*state = p;
	if (!p || lend_ctx_new(NULL, &ctx))
		return -1;
	if (watch_open(&p->watch, ctx))
		return -1;
	lend_ctx_unref(ctx);
	for (int i = 0; i < COUNT; i++) {
		p->sources[i].part = p;
		p->sources[i].fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		add(&p->sources[i]);
	}
	return 0;
}

static int teardown(void **state)
{
	struct part *p = *state;

	for (int i = 0; i < COUNT; i++) {
		watch_remove(&p->watch, &p->sources[i].item);
		close(p->sources[i].fd);
	}
	watch_close(&p->watch);
	free(p);
	return 0;
}

static void each_is_called_once_for_what_came(void **state)
{
	struct part *p = *state;

	assert_false(has_work(&p->watch));
	watch_turn(&p->watch);
	fire(&p->sources[0]);
	fire(&p->sources[2]);
	fire(&p->sources[2]);
	assert_true(has_work(&p->watch));
	watch_turn(&p->watch);
	assert_false(has_work(&p->watch));
	assert_int_equal(p->sources[0].calls, 1);
	assert_int_equal(p->sources[1].calls, 0);
	assert_int_equal(p->sources[2].calls, 1);
}

static void one_that_is_called_may_remove_any(void **state)
{
	struct part *p = *state;

	/* Each removes the other one: whichever is first is the only one. */
	p->sources[0].removes = &p->sources[1];
	p->sources[1].removes = &p->sources[0];
	p->sources[2].removes = &p->sources[2];
	for (int i = 0; i < 3; i++)
		fire(&p->sources[i]);
	watch_turn(&p->watch);
	assert_int_equal(p->sources[0].calls + p->sources[1].calls, 1);
	assert_int_equal(p->sources[2].calls, 1);
	fire(&p->sources[2]);
	assert_false(has_work(&p->watch));
}

static void a_strange_descriptor_is_refused(void **state)
{
	struct part *p = *state;
	struct watch_item item = {.fd = INT32_MAX};

	assert_int_equal(watch_add(&p->watch, &item), -EBADF);
	assert_int_equal(item.fd, -1);
	watch_remove(&p->watch, &item);
}

struct loop {
	struct part *part;
	_Atomic bool stop;
};

static void *loop(void *opaque)
{
	struct loop *l = opaque;

	while (!l->stop)
		watch_turn(&l->part->watch);
	return NULL;
}

static void none_is_called_once_it_is_removed(void **state)
{
	struct part *p = *state;
	struct source *s = &p->sources[0];
	struct loop l = {.part = p};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, loop, &l), 0);
	for (int i = 0; i < 2000; i++) {
		const unsigned int before = s->calls;

		fire(s);
		/* Every tenth is surely taken, however busy the machine. */
		while (i % 10 == 0 && s->calls == before)
			sched_yield();
		watch_remove(&p->watch, &s->item);
		s->removed = true;
		sched_yield();
		s->removed = false;
		add(s);
	}
	l.stop = true;
	pthread_join(thread, NULL);
	watch_turn(&p->watch);
	assert_int_equal(s->late, 0);
	assert_true(s->calls >= 200);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_is_called_once_for_what_came),
		TEST(one_that_is_called_may_remove_any),
		TEST(a_strange_descriptor_is_refused),
		TEST(none_is_called_once_it_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
