/* SPDX-License-Identifier: MIT */
/* Signals of a run: those that it takes through a descriptor, and those of
 * failed writes, which it holds back. */
#ifndef VMM_MACHINE_SIGNALS_H
#define VMM_MACHINE_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

struct lend_ctx;

struct signals {
	int fd; /* signalfd, or -1 */
	sigset_t before;
	bool is_blocking;
};

/*
 * A write to a pipe without a reader, or beyond the limit of a file's size,
 * fails and ends nothing: in this thread and those that it creates from now on.
 */
void signals_block_writes(struct signals *signals);

/*
 * After signals_block_writes(). Take by signals->fd those that end the run, and
 * SIGCONT. Returns 0, or -1 with errno.
 */
int signals_open(struct signals *signals);

/* Take one when signals->fd is readable. Returns its number; 0 if there is
 * none, or if it is ignored (nohup). */
int signals_read(const struct signals *signals);

/* Undo both. */
void signals_close(struct signals *signals);

#endif
