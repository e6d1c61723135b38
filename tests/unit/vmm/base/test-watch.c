// SPDX-License-Identifier: MIT
// Watched descriptors: called while there is something to read, and never after
// they were removed, from any thread.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/base/watch.h"

#define COUNT   4
#define HELD_MS 20    /* enough for a thread that need not wait for a lock */
#define HUNG_MS 60000 /* no load makes a machine that slow */

/* Descriptors from this number on are slow to be removed from an epoll. */
#define SLOW_FD 500

struct part {
	struct watch watch;
	struct source {
		struct part *part;
		struct watch_item item;
		int fd;
		int entered; /* eventfd: has the call begun? -1: do not report
			      */
		_Atomic bool removed;
		_Atomic unsigned int calls, late;
		struct source *removes; /* when it is called, if not NULL */
	} sources[COUNT];
};

static bool fd_is_readable(int fd, int milliseconds)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};

	return poll(&poll_fd, 1, milliseconds) == 1;
}

static void fd_signal(int fd)
{
	const uint64_t one = 1;

	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
}

static void fd_clear(int fd)
{
	uint64_t count;

	assert_int_equal(read(fd, &count, sizeof(count)), sizeof(count));
}

static void source_take(void *opaque)
{
	struct source *s = opaque;

	s->calls++;
	fd_clear(s->fd);
	if (s->removes)
		watch_remove(&s->part->watch, &s->removes->item);
	if (s->entered >= 0) {
		fd_signal(s->entered);
		poll(NULL, 0, HELD_MS);
	}
	sched_yield();
	s->late += s->removed;
}

static void source_add(struct source *s)
{
	s->item = (struct watch_item){
		.fd = s->fd,
		.ready = source_take,
		.opaque = s,
	};
	assert_int_equal(watch_add(&s->part->watch, &s->item), 0);
}

/* As each owner has to, its calls end before what they use is gone. */
static void source_remove(struct source *s)
{
	watch_remove(&s->part->watch, &s->item);
	s->removed = true;
}

static int part_setup(void **state)
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
		p->sources[i].entered = -1;
		source_add(&p->sources[i]);
	}
	return 0;
}

static int part_teardown(void **state)
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

	assert_false(fd_is_readable(p->watch.fd, 0));
	watch_turn(&p->watch);
	fd_signal(p->sources[0].fd);
	fd_signal(p->sources[2].fd);
	fd_signal(p->sources[2].fd);
	assert_true(fd_is_readable(p->watch.fd, 0));
	watch_turn(&p->watch);
	assert_false(fd_is_readable(p->watch.fd, 0));
	assert_int_equal(p->sources[0].calls, 1);
	assert_int_equal(p->sources[1].calls, 0);
	assert_int_equal(p->sources[2].calls, 1);
}

static void one_that_is_called_may_remove_any(void **state)
{
	struct part *p = *state;

	/* Each removes the other one: the first to be called is the only one.
	 */
	p->sources[0].removes = &p->sources[1];
	p->sources[1].removes = &p->sources[0];
	p->sources[2].removes = &p->sources[2];
	for (int i = 0; i < 3; i++)
		fd_signal(p->sources[i].fd);
	watch_turn(&p->watch);
	assert_int_equal(p->sources[0].calls + p->sources[1].calls, 1);
	assert_int_equal(p->sources[2].calls, 1);
	fd_signal(p->sources[2].fd);
	assert_false(fd_is_readable(p->watch.fd, 0));
}

static void a_bad_descriptor_is_refused(void **state)
{
	struct part *p = *state;
	struct watch_item item = {.fd = INT32_MAX};

	assert_int_equal(watch_add(&p->watch, &item), -EBADF);
	assert_int_equal(item.fd, -1);
	watch_remove(&p->watch, &item);
}

/* The machine's main loop, in a thread. */
struct main_loop {
	struct watch *watch;
	pthread_t thread;
	int stop; /* eventfd */
	_Atomic bool in_turn;
};

static void *main_loop_run(void *opaque)
{
	struct main_loop *l = opaque;
	struct pollfd fds[2] = {
		{.fd = l->watch->fd, .events = POLLIN},
		{.fd = l->stop, .events = POLLIN},
	};

	while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
		l->in_turn = true;
		watch_turn(l->watch);
		l->in_turn = false;
	}
	return NULL;
}

static void main_loop_start(struct main_loop *l, struct watch *watch)
{
	l->watch = watch;
	l->in_turn = false;
	l->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_int_equal(pthread_create(&l->thread, NULL, main_loop_run, l), 0);
}

static void main_loop_stop(struct main_loop *l)
{
	fd_signal(l->stop);
	pthread_join(l->thread, NULL);
	close(l->stop);
}

/* After a removal: a call that should not be is over, and was seen. */
static void source_add_again(struct source *s, const struct main_loop *l)
{
	while (l->in_turn)
		sched_yield();
	s->removed = false;
	source_add(s);
}

static void removal_waits_for_a_call(void **state)
{
	struct part *p = *state;
	struct source *s = &p->sources[0];
	struct main_loop l;

	s->entered = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	main_loop_start(&l, &p->watch);
	for (int i = 0; i < 4; i++) {
		fd_signal(s->fd);
		assert_true(fd_is_readable(s->entered, HUNG_MS));
		fd_clear(s->entered);
		source_remove(s);
		assert_int_equal(s->calls, i + 1);
		source_add_again(s, &l);
	}
	main_loop_stop(&l);
	close(s->entered);
	assert_int_equal(s->late, 0);
}

/* The main loop is about to call, and waits for the lock that this thread has:
 * no call follows. */
static void a_call_waits_for_removal(void **state)
{
	struct part *p = *state;
	struct source *s = &p->sources[0];
	struct main_loop l;

	main_loop_start(&l, &p->watch);
	for (int i = 0; i < 4; i++) {
		pthread_mutex_lock(&p->watch.lock);
		fd_signal(s->fd);
		while (!l.in_turn)
			sched_yield();
		poll(NULL, 0, HELD_MS);
		source_remove(s);
		pthread_mutex_unlock(&p->watch.lock);
		fd_clear(s->fd);
		source_add_again(s, &l);
	}
	main_loop_stop(&l);
	assert_int_equal(s->calls, 0);
}

/* Stands before the C library's. A removal that is half done lasts long enough
 * for a call to begin meanwhile. */
int epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	if (op == EPOLL_CTL_DEL && fd >= SLOW_FD)
		poll(NULL, 0, HELD_MS / 2);
	return (int)syscall(SYS_epoll_ctl, epfd, op, fd, event);
}

static void no_call_begins_during_removal(void **state)
{
	struct part *p = *state;
	struct source *s = &p->sources[0];
	struct main_loop l;
	int fd;

	watch_remove(&p->watch, &s->item);
	s->entered = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fd = s->fd;
	s->fd = fcntl(fd, F_DUPFD_CLOEXEC, SLOW_FD);
	close(fd);
	assert_true(s->fd >= SLOW_FD);
	source_add(s);
	main_loop_start(&l, &p->watch);
	for (int i = 0; i < 4; i++) {
		fd_signal(s->fd);
		source_remove(s);
		source_add_again(s, &l);
	}
	main_loop_stop(&l);
	close(s->entered);
	assert_int_equal(s->late, 0);
}

/* Removal and call meet at any moment of either. */
static void none_is_called_once_it_is_removed(void **state)
{
	struct part *p = *state;
	struct source *s = &p->sources[0];
	struct main_loop l;

	main_loop_start(&l, &p->watch);
	for (int i = 0; i < 2000; i++) {
		const unsigned int before = s->calls;

		fd_signal(s->fd);
		/* Every tenth is surely taken, even on a busy machine. */
		while (i % 10 == 0 && s->calls == before)
			sched_yield();
		source_remove(s);
		sched_yield();
		s->removed = false;
		source_add(s);
	}
	main_loop_stop(&l);
	watch_turn(&p->watch);
	assert_int_equal(s->late, 0);
	assert_true(s->calls >= 200);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, part_setup, part_teardown)
	const struct CMUnitTest tests[] = {
		TEST(each_is_called_once_for_what_came),
		TEST(one_that_is_called_may_remove_any),
		TEST(a_bad_descriptor_is_refused),
		TEST(removal_waits_for_a_call),
		TEST(a_call_waits_for_removal),
		TEST(no_call_begins_during_removal),
		TEST(none_is_called_once_it_is_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
