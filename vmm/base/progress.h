/* SPDX-License-Identifier: MIT */
/* Reports how far a long phase of work is, and how long it took. */
#ifndef VMM_BASE_PROGRESS_H
#define VMM_BASE_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

struct lend_ctx;

struct progress {
	struct lend_ctx *ctx;
	const char *what; /* "clearing RAM" */
	uint64_t total;   /* bytes */
	int64_t start;    /* milliseconds */
	_Atomic uint64_t done;
	_Atomic int64_t due; /* when the next report is */
};

void progress_begin(struct progress *progress, struct lend_ctx *ctx,
		    const char *what, uint64_t total);

/* So many bytes more are done; from any thread. Every two seconds, one of those
 * that call it reports how many that is. */
void progress_add(struct progress *progress, uint64_t bytes);

/* Reports the time that it took. */
void progress_end(const struct progress *progress);

#endif
