/* SPDX-License-Identifier: MIT */
/* Guest RAM mapped for DMA while the guest starts. */
#ifndef VMM_MACHINE_DMA_H
#define VMM_MACHINE_DMA_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct lend_ctx;
struct lend_iommu;
struct memory;

/* What is to be mapped, and for whom; all borrowed. */
struct dma_host {
	struct lend_ctx *ctx;
	struct lend_iommu *iommu; /* NULL: there is nothing to map for */
	const struct memory *memory;
	bool may_wait; /* every device is silent until dma_await() returned */
	/* From any thread: the run is to end with @err (< 0, recorded). */
	void (*fail)(void *opaque, int err);
	void *opaque;
};

/* All zeros: nothing is to be mapped. */
struct dma {
	struct dma_host host;
	bool is_due; /* to be mapped by dma_start() */
	bool is_running;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	atomic_bool is_pending; /* of what is due, not mapped yet */
	atomic_bool is_cancelled;
	int err; /* then: 0, or why nothing is mapped */
};

/*
 * Once there is RAM: maps it now where a device could do DMA from the guest's
 * first instruction on, else has dma_start() do so. 0, or a recorded error.
 */
int dma_prepare(struct dma *dma, const struct dma_host *host);

/* Once vCPUs run: maps what dma_prepare() left, in a thread of its own. A
 * failure is reported to host->fail(). */
void dma_start(struct dma *dma);

/*
 * Wait until RAM is mapped, from any thread, before a device can do DMA or be
 * asked to. Returns 0, or a negative error, which is recorded but for
 * -ECANCELED: then it must not.
 */
int dma_await(struct dma *dma);

/* The run ends: nobody waits any longer, and what is not faulted in or mapped
 * yet is left so. */
void dma_cancel(struct dma *dma);

/* Ends the thread, once it is done, and all that waits for it. */
void dma_stop(struct dma *dma);

#endif
