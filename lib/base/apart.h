/* SPDX-License-Identifier: MIT */
/* Reading and writing a file in a process of its own, with a time limit. */
#ifndef LIB_BASE_APART_H
#define LIB_BASE_APART_H

#include <stddef.h>
#include <sys/types.h>

/* The size of the largest attribute that is read like this: "config". */
#define APART_MAX 4096

/* When a wait is worth a message. */
#define APART_SLOW 2

/* One open() with one write() or one read(). */
struct apart_job {
	const char *path;
	const void *data;     /* to write; NULL to read */
	void *buffer;         /* receives what is read */
	size_t size;          /* bytes of either, APART_MAX at most */
	int kept;             /* descriptor that the process keeps, or -1 */
	unsigned int seconds; /* how long the caller waits */
	/* Called once, when it has waited for APART_SLOW seconds; or NULL. */
	void (*slow)(void *opaque);
	void *opaque;
};

/*
 * Carries out a job in another process, and waits for it. A call that sleeps in
 * the kernel cannot be interrupted: at the time limit the other process stays
 * behind and ends with its call. It has closed all descriptors of this one,
 * except the one that it keeps: a lock on that one shows other processes that
 * the call has not ended.
 *
 * It may be called from any thread of any program: no handler of the program
 * runs, no SIGCHLD is sent, and no wait() of the program sees the process.
 *
 * Returns the number of bytes, or -errno; -ETIMEDOUT at the time limit.
 */
ssize_t apart_run(const struct apart_job *job);

#endif
