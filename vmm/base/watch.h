/* SPDX-License-Identifier: MIT */
/* Watched descriptors: one that is readable calls its owner, in the machine's
 * main loop.
 */
#ifndef VMM_BASE_WATCH_H
#define VMM_BASE_WATCH_H

#include <pthread.h>

struct lend_ctx;

struct watch {
	int fd;               /* epoll: readable when watch_turn() has work */
	pthread_mutex_t lock; /* held while an item's owner is called */
};

/* A watched descriptor, part of its owner's structure. */
struct watch_item {
	int fd; /* borrowed; -1: not watched */
	void (*ready)(void *opaque);
	void *opaque;
};

#define WATCH_NONE ((struct watch_item){.fd = -1})

/* Returns 0, or a recorded error, after which watch_close() is allowed. */
int watch_open(struct watch *watch, struct lend_ctx *ctx);
void watch_close(struct watch *watch);

/*
 * Calls item->ready(item->opaque) in the main loop whenever there is something
 * to read from item->fd, again and again until the owner has read it. The item
 * and its descriptor stay as they are until watch_remove(). Any thread; one
 * system call.
 *
 * Returns 0, or -errno; then item->fd is -1.
 */
int watch_add(struct watch *watch, struct watch_item *item);

/*
 * When it returns, the owner is not being called and will not be again. So a
 * thread other than the main loop's must not hold a lock that ready() takes.
 * ready() itself may remove any item, its own too. Nothing to do where the item
 * is not watched.
 */
void watch_remove(struct watch *watch, struct watch_item *item);

/* Main loop: call the owners of what is ready, a bounded number of times. */
void watch_turn(struct watch *watch);

#endif
