// SPDX-License-Identifier: MIT
// Maps guest RAM for DMA while the guest starts, whose kernel needs longer to
// reach its first driver than most RAM takes to be cleared and pinned.
#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>

#include <lend/error.h>
#include <lend/iommu.h>

#include "vmm/base/progress.h"
#include "vmm/machine/dma.h"
#include "vmm/memory/memory.h"
#include "vmm/sandbox/privileges.h"

#define STACK_SIZE (128 * 1024)

/* The kernel pins what one call maps, and cannot be asked to stop. */
#define PIN_PIECE (UINT64_C(16) << 30)

static int dma_share_blocks(const struct dma *dma, struct lend_iommu *space)
{
	const struct memory *memory = dma->host.memory;
	uint64_t offset = 0;
	int err = 0;

	for (unsigned int i = 0; !err && i < memory->count; i++) {
		const struct memory_block *block = &memory->blocks[i];

		err = lend_iommu_map_file(space, block->range.base,
					  block->vaddr, block->range.size,
					  LEND_DMA_READ | LEND_DMA_WRITE,
					  memory->backing.fd, offset);
		offset += block->range.size;
	}
	return err;
}

/* A server that is lost by now has reported it. */
static int dma_share(struct dma *dma)
{
	int err = 0;

	for (size_t i = 0; !err && i < dma->host.space_count; i++) {
		if (dma->is_cancelled)
			return -ECANCELED;
		err = dma_share_blocks(dma, dma->host.spaces[i]);
		if (err == -ENODEV)
			err = 0;
	}
	return err;
}

/* Not by file, although another process could then take over the mapping: the
 * pages of a file would not be the huge pages requested with madvise(). */
static int dma_pin_block(struct dma *dma, const struct memory_block *block,
			 struct progress *progress)
{
	int err = 0;

	for (uint64_t at = 0; !err && at < block->range.size; at += PIN_PIECE) {
		uint64_t left = block->range.size - at;
		uint64_t size = left < PIN_PIECE ? left : PIN_PIECE;

		if (dma->is_cancelled)
			return -ECANCELED;
		err = lend_iommu_map(dma->host.iommu, block->range.base + at,
				     (char *)block->vaddr + at, size,
				     LEND_DMA_READ | LEND_DMA_WRITE);
		if (!err)
			progress_add(progress, size);
	}
	return err;
}

static int dma_pin_blocks(struct dma *dma)
{
	const struct memory *memory = dma->host.memory;
	struct progress progress;
	int err = 0;

	memory_fault_in(memory, dma->host.ctx, &dma->is_cancelled);
	progress_begin(&progress, dma->host.ctx, "pinning RAM", memory->size);
	for (unsigned int i = 0; !err && i < memory->count; i++)
		err = dma_pin_block(dma, &memory->blocks[i], &progress);
	if (!err)
		progress_end(&progress);
	if (err == -EFAULT)
		backing_explain(&memory->backing, dma->host.ctx);
	return err;
}

static int dma_map_blocks(struct dma *dma)
{
	int err = dma->is_pinned ? dma_pin_blocks(dma) : 0;

	return err ? err : dma_share(dma);
}

/* Whether RLIMIT_MEMLOCK may prevent this process from pinning RAM. */
static bool dma_is_limited(struct dma *dma)
{
	struct rlimit limit;

	if (!dma->is_pinned)
		return false;
	dma->by_capability = privileges_has_lock();
	return !dma->by_capability && !getrlimit(RLIMIT_MEMLOCK, &limit) &&
	       limit.rlim_cur < dma->host.memory->size;
}

int dma_prepare(struct dma *dma, const struct dma_host *host)
{
	dma->host = *host;
	dma->is_pinned = host->iommu;
	if (host->iommu &&
	    lend_iommu_backend(host->iommu) == LEND_BACKEND_NOIOMMU) {
		lend_log(host->ctx, LEND_LOG_WARNING,
			 "no IOMMU: DMA started by the guest reads and "
			 "overwrites host memory, not guest memory");
		dma->is_pinned = false;
	}
	if (!dma->is_pinned && !host->space_count)
		return 0;
	/* Where pinning may fail, it fails before the guest prints anything. */
	if (!host->may_wait || dma_is_limited(dma))
		return dma_map_blocks(dma);
	pthread_mutex_init(&dma->lock, NULL);
	pthread_cond_init(&dma->ended, NULL);
	dma->is_due = true;
	dma->is_pending = true;
	return 0;
}

static void *dma_map_ram(void *opaque)
{
	struct dma *dma = opaque;
	int err = dma_map_blocks(dma);

	/* The vCPUs are stopped before one that waits continues. */
	if (err && err != -ECANCELED)
		dma->host.fail(dma->host.opaque, err);
	pthread_mutex_lock(&dma->lock);
	dma->err = err;
	dma->is_pending = false;
	pthread_cond_broadcast(&dma->ended);
	pthread_mutex_unlock(&dma->lock);
	if (!err && dma->host.mapped)
		dma->host.mapped(dma->host.opaque);
	return NULL;
}

/* Where no thread can be created, the caller's is used. */
void dma_start(struct dma *dma)
{
	pthread_attr_t attr;

	if (!dma->is_pending)
		return;
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	dma->is_running =
		!pthread_create(&dma->thread, &attr, dma_map_ram, dma);
	pthread_attr_destroy(&attr);
	if (!dma->is_running)
		dma_map_ram(dma);
}

int dma_await(struct dma *dma)
{
	if (!dma->is_due)
		return 0;
	if (dma->is_pending) {
		pthread_mutex_lock(&dma->lock);
		while (dma->is_pending && !dma->is_cancelled &&
		       !dma->is_released)
			pthread_cond_wait(&dma->ended, &dma->lock);
		pthread_mutex_unlock(&dma->lock);
	}
	return dma->is_pending ? -ECANCELED : dma->err;
}

void dma_release(struct dma *dma)
{
	if (!dma->is_due)
		return;
	pthread_mutex_lock(&dma->lock);
	dma->is_released = true;
	pthread_cond_broadcast(&dma->ended);
	pthread_mutex_unlock(&dma->lock);
}

void dma_hold(struct dma *dma)
{
	dma->is_released = false;
}

void dma_cancel(struct dma *dma)
{
	if (!dma->is_due)
		return;
	pthread_mutex_lock(&dma->lock);
	dma->is_cancelled = true;
	pthread_cond_broadcast(&dma->ended);
	pthread_mutex_unlock(&dma->lock);
}

void dma_stop(struct dma *dma)
{
	if (dma->is_running)
		pthread_join(dma->thread, NULL);
	if (dma->is_due) {
		pthread_mutex_destroy(&dma->lock);
		pthread_cond_destroy(&dma->ended);
	}
	*dma = (struct dma){0};
}
