// SPDX-License-Identifier: MIT
// Reports how far a long phase of work is, and how long it took.

#include <lend/context.h>

#include "vmm/base/clock.h"
#include "vmm/base/progress.h"

enum { PERIOD = 2000 };

#define GIB (1024.0 * 1024 * 1024)

void progress_begin(struct progress *progress, struct lend_ctx *ctx,
		    const char *what, uint64_t total)
{
	progress->ctx = ctx;
	progress->what = what;
	progress->total = total;
	progress->start = clock_milliseconds();
	progress->done = 0;
	progress->due = progress->start + PERIOD;
}

void progress_add(struct progress *progress, uint64_t bytes)
{
	uint64_t done = atomic_fetch_add(&progress->done, bytes) + bytes;
	int64_t now = clock_milliseconds(), due = progress->due;

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
		 (double)(clock_milliseconds() - progress->start) / 1000);
}
