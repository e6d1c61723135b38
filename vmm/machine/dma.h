/* SPDX-License-Identifier: MIT */
/* Maps guest RAM for DMA while the guest starts. */
#ifndef VMM_MACHINE_DMA_H
#define VMM_MACHINE_DMA_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct lend_ctx;
struct lend_iommu;
struct memory;

/* The RAM to map, and its machine; all borrowed. */
struct dma_host {
	struct lend_ctx *ctx;
	struct lend_iommu *iommu; /* NULL: nothing is mapped in the kernel's */
	/* Of devices behind sockets, whose servers get RAM by its file. */
	struct lend_iommu *const *spaces;
	size_t space_count;
	const struct memory *memory;
	bool may_wait; /* every device is silent until dma_await() returned */
	/* End the run with @err (< 0, recorded); from any thread. */
	void (*fail)(void *opaque, int err);
	/* All is mapped that was left to dma_start(); from any thread. NULL:
	 * nothing. */
	void (*mapped)(void *opaque);
	void *opaque;
};

/* All zeros: nothing to map. */
struct dma {
	struct dma_host host;
	bool is_due;    /* left to dma_start() */
	bool is_pinned; /* the kernel has devices that can do DMA */
	bool is_running;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	atomic_bool is_pending; /* due, and not mapped yet */
	atomic_bool is_cancelled;
	atomic_bool is_released; /* nobody waits */
	bool by_capability; /* the process may lock memory beyond its limit */
	int err;            /* afterwards: 0, or the error */
};

/*
 * Called with RAM allocated: maps it now where a device could do DMA from the
 * guest's first instruction on, else leaves it to dma_start(). Returns 0, or a
 * recorded error.
 */
int dma_prepare(struct dma *dma, const struct dma_host *host);

/* Called with vCPUs running: maps what dma_prepare() left, in a separate
 * thread. A failure is reported to host->fail(). */
void dma_start(struct dma *dma);

/*
 * Wait until RAM is mapped, from any thread, before a device is enabled.
 * Returns 0, or a negative error, recorded except for -ECANCELED: then the
 * device must stay disabled.
 */
int dma_await(struct dma *dma);

/*
 * The vCPUs stop: wake all waiters, whose device stays disabled, while RAM goes
 * on being mapped. dma_hold() lets them wait again, before vCPUs start anew.
 */
void dma_release(struct dma *dma);
void dma_hold(struct dma *dma);

/* The run ends: wake all waiters, and stop faulting in and mapping. */
void dma_cancel(struct dma *dma);

/* Joins the thread, and releases all resources. */
void dma_stop(struct dma *dma);

#endif
