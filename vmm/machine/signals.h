/* SPDX-License-Identifier: MIT */
/* Signals of a run: those that it takes through a descriptor, and those of
 * failed writes, which it ignores. */
#ifndef VMM_MACHINE_SIGNALS_H
#define VMM_MACHINE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct lend_ctx;

#define SIGNALS_OF_WRITES 2

struct signals {
	int fd; /* signalfd, or -1 */
	sigset_t before;
	bool is_blocking;
	struct sigaction writes_before[SIGNALS_OF_WRITES];
	bool is_ignoring;
};

/*
 * A write to a pipe without a reader, or beyond the limit of a file's size,
 * fails and ends nothing.
 */
void signals_ignore_writes(struct signals *signals);

/*
 * Take by signals->fd those that end the run, and SIGCONT. Returns 0, or -1
 * with errno.
 */
int signals_open(struct signals *signals);

/* Take one when signals->fd is readable. Returns its number; 0 if there is
 * none, or if it is ignored (nohup). */
int signals_read(const struct signals *signals);

/* Undo both. */
void signals_close(struct signals *signals);

#endif
