// SPDX-License-Identifier: MIT
// Watched descriptors: one that is readable calls its owner, in the machine's
// main loop.
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <lend/error.h>

#include "vmm/base/watch.h"

#define CALLS_MAX 16 /* in a row, for the console and signals to be served */

int watch_open(struct watch *watch, struct lend_ctx *ctx)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&watch->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	watch->fd = epoll_create1(EPOLL_CLOEXEC);
	if (watch->fd >= 0)
		return 0;
	pthread_mutex_destroy(&watch->lock);
	return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, NULL,
			      "epoll_create1: %s", strerror(errno));
}

void watch_close(struct watch *watch)
{
	if (watch->fd < 0)
		return;
	close(watch->fd);
	watch->fd = -1;
	pthread_mutex_destroy(&watch->lock);
}

int watch_add(struct watch *watch, struct watch_item *item)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = item};

	if (!epoll_ctl(watch->fd, EPOLL_CTL_ADD, item->fd, &event))
		return 0;
	item->fd = -1;
	return -errno;
}

void watch_remove(struct watch *watch, struct watch_item *item)
{
	if (item->fd < 0)
		return;
	pthread_mutex_lock(&watch->lock);
	epoll_ctl(watch->fd, EPOLL_CTL_DEL, item->fd, NULL);
	pthread_mutex_unlock(&watch->lock);
	item->fd = -1;
}

/* One event at a time: a call may remove any item that is ready. */
void watch_turn(struct watch *watch)
{
	struct epoll_event event;
	int n = 1;

	for (int i = 0; n > 0 && i < CALLS_MAX; i++) {
		pthread_mutex_lock(&watch->lock);
		n = epoll_wait(watch->fd, &event, 1, 0);
		if (n > 0) {
			const struct watch_item *item = event.data.ptr;

			item->ready(item->opaque);
		}
		pthread_mutex_unlock(&watch->lock);
	}
}
