// SPDX-License-Identifier: MIT
// I/O address spaces: what may be mapped is checked here, for all back ends.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "iommu.h"

typedef unsigned long long ull;

static void info_clear(struct iommu_info *info)
{
	free(info->ranges);
	*info = (struct iommu_info){0};
}

static void iommu_free(struct lend_iommu *iommu)
{
	const struct kernel *k = iommu->ctx->kernel;

	if (iommu->fd >= 0)
		k->close(k, iommu->fd);
	ledger_free(&iommu->ledger);
	info_clear(&iommu->info);
	pthread_mutex_destroy(&iommu->lock);
	lend_ctx_unref(iommu->ctx);
	free(iommu);
}

int lend_iommu_new(struct lend_ctx *ctx, struct lend_iommu **result)
{
	struct lend_iommu *iommu = calloc(1, sizeof(*iommu));
	int error;

	if (!iommu)
		return error_system(ctx, ENOMEM, NULL, "make an address space");
	iommu->refs = 1;
	iommu->ctx = lend_ctx_ref(ctx);
	iommu->ops = &type1_ops;
	iommu->fd = -1;
	pthread_mutex_init(&iommu->lock, NULL);
	error = iommu->ops->open(iommu);
	if (error) {
		iommu_free(iommu);
		return error;
	}
	*result = iommu;
	return 0;
}

struct lend_iommu *lend_iommu_ref(struct lend_iommu *iommu)
{
	__atomic_add_fetch(&iommu->refs, 1, __ATOMIC_RELAXED);
	return iommu;
}

struct lend_iommu *lend_iommu_unref(struct lend_iommu *iommu)
{
	if (iommu && !__atomic_sub_fetch(&iommu->refs, 1, __ATOMIC_ACQ_REL))
		iommu_free(iommu);
	return NULL;
}

static void unmap_all(struct lend_iommu *iommu)
{
	struct ledger *ledger = &iommu->ledger;

	while (ledger->count) {
		struct mapping m = ledger->mappings[ledger->count - 1];
		int error = iommu->ops->unmap(iommu, m.iova, &m.size);

		if (error < 0)
			lend_log(iommu->ctx, LEND_LOG_WARNING,
				 "cannot unmap IOVA 0x%llx (errno %d)",
				 (ull)m.iova, -error);
		ledger_remove(ledger, &ledger->mappings[ledger->count - 1]);
	}
}

void iommu_detach(struct lend_iommu *iommu, struct attachment *attachment)
{
	pthread_mutex_lock(&iommu->lock);
	if (!--iommu->devices) {
		unmap_all(iommu);
		info_clear(&iommu->info);
	}
	pthread_mutex_unlock(&iommu->lock);
	iommu->ops->detach(iommu, attachment);
}

int iommu_attach(struct lend_iommu *iommu, struct lend_address *address,
		 struct attachment *attachment)
{
	struct iommu_info info = {0};
	int error;

	attachment->fd = -1;
	attachment->kvm_fd = -1;
	attachment->backend = NULL;
	error = iommu->ops->attach(iommu, address, attachment);
	if (error)
		return error;
	pthread_mutex_lock(&iommu->lock);
	iommu->devices++;
	error = iommu->ops->info(iommu, lend_address_name(address), &info);
	if (!error) {
		info_clear(&iommu->info);
		iommu->info = info;
	}
	pthread_mutex_unlock(&iommu->lock);
	if (error) {
		info_clear(&info);
		iommu_detach(iommu, attachment);
	}
	return error;
}

static int check_arguments(struct lend_iommu *iommu, uint64_t iova,
			   const void *vaddr, uint64_t size, unsigned int flags)
{
	uint64_t at = (uintptr_t)vaddr;
	uint64_t mask = iommu->info.page_size - 1;
	const char *why = NULL;

	if (!iommu->devices)
		return lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, ENOTCONN,
				      NULL,
				      "no device is open in the address space");
	if (!size)
		why = "it is empty";
	else if (iova + (size - 1) < iova || at + (size - 1) < at)
		why = "it runs over the end of addresses";
	else if ((iova | at | size) & mask)
		why = "it is not aligned to the IOMMU's pages";
	else if (!flags || (flags & ~(LEND_DMA_READ | LEND_DMA_WRITE)))
		why = "its flags must be LEND_DMA_READ, LEND_DMA_WRITE or both";
	if (!why)
		return 0;
	lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "cannot map 0x%llx bytes at IOVA 0x%llx: %s", (ull)size,
		       (ull)iova, why);
	return lend_error_evidence(iommu->ctx,
				   "the memory is at %p; the smallest page is "
				   "0x%llx bytes",
				   vaddr, (ull)iommu->info.page_size);
}

static int check_ranges(struct lend_iommu *iommu, uint64_t iova, uint64_t size)
{
	const struct iommu_info *info = &iommu->info;
	uint64_t last = iova + (size - 1);

	for (unsigned int i = 0; i < info->range_count; i++)
		if (iova >= info->ranges[i].first &&
		    last <= info->ranges[i].last)
			return 0;
	if (!info->range_count)
		return 0;
	lend_error_set(iommu->ctx, LEND_ERROR_DMA, ERANGE, NULL,
		       "IOVA 0x%llx to 0x%llx is reserved, or out of the "
		       "IOMMU's reach",
		       (ull)iova, (ull)last);
	for (unsigned int i = 0; i < info->range_count; i++)
		lend_error_evidence(iommu->ctx, "usable: 0x%llx to 0x%llx",
				    (ull)info->ranges[i].first,
				    (ull)info->ranges[i].last);
	return -ERANGE;
}

static int check_overlap(struct lend_iommu *iommu, uint64_t iova, uint64_t size)
{
	const struct mapping *other;

	other = ledger_overlap(&iommu->ledger, iova, size);
	if (!other)
		return 0;
	lend_error_set(iommu->ctx, LEND_ERROR_DMA, EEXIST, NULL,
		       "IOVA 0x%llx, 0x%llx bytes, overlaps what is mapped",
		       (ull)iova, (ull)size);
	return lend_error_evidence(iommu->ctx,
				   "mapped: IOVA 0x%llx, 0x%llx bytes, memory "
				   "at %p",
				   (ull)other->iova, (ull)other->size,
				   other->vaddr);
}

static int explain_map(struct lend_iommu *iommu, int error, uint64_t iova,
		       const void *vaddr, uint64_t size)
{
	struct lend_ctx *ctx = iommu->ctx;

	if (error == -ENOMEM)
		return memlock_explain(ctx, iommu->ledger.bytes, size);
	if (error == -ENOSPC) {
		lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
			       "the kernel takes no more DMA mappings for one "
			       "container");
		lend_error_evidence(ctx,
				    "%u are mapped; at the last device opened "
				    "there was room for %u",
				    iommu->ledger.count, iommu->info.dma_avail);
		lend_error_remedy(ctx, "map memory in fewer, larger blocks");
		return lend_error_remedy(ctx, "or load vfio_iommu_type1 with a "
					      "larger dma_entry_limit");
	}
	return lend_error_set(ctx, LEND_ERROR_DMA, -error, NULL,
			      "cannot map 0x%llx bytes at %p to IOVA 0x%llx: "
			      "%s",
			      (ull)size, vaddr, (ull)iova, strerror(-error));
}

static int map_locked(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
		      uint64_t size, unsigned int flags)
{
	const struct mapping mapping = {iova, size, vaddr};
	int error;

	error = check_arguments(iommu, iova, vaddr, size, flags);
	if (!error)
		error = check_overlap(iommu, iova, size);
	if (!error)
		error = check_ranges(iommu, iova, size);
	if (error)
		return error;
	if (ledger_reserve(&iommu->ledger))
		return lend_error_set(iommu->ctx, LEND_ERROR_MEMORY, ENOMEM,
				      NULL, "no memory to note a mapping in");
	error = iommu->ops->map(iommu, iova, vaddr, size, flags);
	if (error < 0)
		return explain_map(iommu, error, iova, vaddr, size);
	ledger_add(&iommu->ledger, &mapping);
	return 0;
}

int lend_iommu_map(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
		   uint64_t size, unsigned int flags)
{
	int error;

	pthread_mutex_lock(&iommu->lock);
	error = map_locked(iommu, iova, vaddr, size, flags);
	pthread_mutex_unlock(&iommu->lock);
	return error;
}

/* A mapping the kernel may still have stays in the ledger, which so never
 * promises less than what devices can reach. */
static int unmap_locked(struct lend_iommu *iommu, uint64_t iova, uint64_t size)
{
	const struct mapping *mapping;
	uint64_t unmapped = size;
	int error;

	mapping = size ? ledger_find(&iommu->ledger, iova, size) : NULL;
	if (!mapping)
		return lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, ENOENT,
				      NULL,
				      "nothing is mapped at just IOVA 0x%llx, "
				      "0x%llx bytes",
				      (ull)iova, (ull)size);
	error = iommu->ops->unmap(iommu, iova, &unmapped);
	if (error < 0)
		return lend_error_set(iommu->ctx, LEND_ERROR_DMA, -error, NULL,
				      "cannot unmap IOVA 0x%llx, 0x%llx bytes: "
				      "%s",
				      (ull)iova, (ull)size, strerror(-error));
	if (unmapped != size)
		return lend_error_set(iommu->ctx, LEND_ERROR_DMA, EIO, NULL,
				      "the kernel unmapped 0x%llx bytes at "
				      "IOVA 0x%llx, not 0x%llx",
				      (ull)unmapped, (ull)iova, (ull)size);
	ledger_remove(&iommu->ledger, mapping);
	return 0;
}

int lend_iommu_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t size)
{
	int error;

	pthread_mutex_lock(&iommu->lock);
	error = unmap_locked(iommu, iova, size);
	pthread_mutex_unlock(&iommu->lock);
	return error;
}

int lend_iommu_ranges(struct lend_iommu *iommu,
		      const struct lend_iova_range **ranges,
		      unsigned int *count)
{
	int error = 0;

	pthread_mutex_lock(&iommu->lock);
	if (iommu->devices) {
		*ranges = iommu->info.ranges;
		*count = iommu->info.range_count;
	} else {
		error = lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT,
				       ENOTCONN, NULL,
				       "no device is open in the address "
				       "space");
	}
	pthread_mutex_unlock(&iommu->lock);
	return error;
}

uint64_t lend_iommu_mapped(const struct lend_iommu *iommu)
{
	struct lend_iommu *own = (struct lend_iommu *)(uintptr_t)iommu;
	uint64_t bytes;

	pthread_mutex_lock(&own->lock);
	bytes = own->ledger.bytes;
	pthread_mutex_unlock(&own->lock);
	return bytes;
}
