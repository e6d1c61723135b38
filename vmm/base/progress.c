// SPDX-License-Identifier: MIT
// Reports how far a long phase of work is, and how long it took.

#include <time.h>

#include <lend/context.h>

#include "vmm/base/progress.h"

enum { PERIOD = 2000 };

#define GIB (1024.0 * 1024 * 1024)

static int64_t progress_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

void progress_begin(struct progress *progress, struct lend_ctx *ctx,
		    const char *what, uint64_t total)
{
	progress->ctx = ctx;
	progress->what = what;
	progress->total = total;
	progress->start = progress_now();
	progress->done = 0;
	progress->due = progress->start + PERIOD;
}

void progress_add(struct progress *progress, uint64_t bytes)
{
	uint64_t done = atomic_fetch_add(&progress->done, bytes) + bytes;
	int64_t now = progress_now(), due = progress->due;

	if (now < due ||
	    !atomic_compare_exchange_strong(&progress->due, &due, now + PERIOD))
		return;
	lend_log(progress->ctx, LEND_LOG_PROGRESS, "%s: %.1f of %.1f GiB",
		 progress->what, (double)done / GIB,
		 (double)progress->total / GIB);
}

void progress_end(const struct progress *progress)
{
	lend_log(progress->ctx, LEND_LOG_INFO, "%s: %.1f GiB in %.1f s",
		 progress->what, (double)progress->done / GIB,
		 (double)(progress_now() - progress->start) / 1000);
}
