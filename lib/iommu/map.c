// SPDX-License-Identifier: MIT
// Mapping memory for devices: what may be mapped is checked here, for all back
// ends.

#include <errno.h>
#include <string.h>

#include "context.h"
#include "iommu.h"

typedef unsigned long long ull;

static int check_usable(struct lend_iommu *iommu)
{
	struct lend_ctx *ctx = iommu->ctx;

	if (!iommu->devices)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENOTCONN, NULL,
				      "no device is open in the address space");
	if (iommu->ops->map)
		return 0;
	lend_error_set(ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, NULL,
		       "nothing can be mapped in no-IOMMU mode");
	return lend_error_evidence(ctx, "there a device's DMA goes to the "
					"host's physical memory, unchecked");
}

static int check_arguments(struct lend_iommu *iommu, const struct mapping *m)
{
	uint64_t at = (uintptr_t)m->vaddr;
	uint64_t mask = iommu->info.page_size - 1;
	const char *why = NULL;

	if (!m->size)
		why = "it is empty";
	else if (m->iova + (m->size - 1) < m->iova || at + (m->size - 1) < at ||
		 m->offset + (m->size - 1) < m->offset)
		why = "it runs over the end of addresses";
	else if ((m->iova | at | m->size | m->offset) & mask)
		why = "it is not aligned to the IOMMU's pages";
	else if (!m->flags || (m->flags & ~(LEND_DMA_READ | LEND_DMA_WRITE)))
		why = "its flags must be LEND_DMA_READ, LEND_DMA_WRITE or both";
	if (!why)
		return 0;
	lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "cannot map 0x%llx bytes at IOVA 0x%llx: %s",
		       (ull)m->size, (ull)m->iova, why);
	return lend_error_evidence(iommu->ctx,
				   "the memory is at %p; the smallest page is "
				   "0x%llx bytes",
				   m->vaddr, (ull)iommu->info.page_size);
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

/* The kernel told its room when the last device was opened; what was mapped
 * since takes from it, what was unmapped gives back. */
static int check_room(struct lend_iommu *iommu)
{
	const struct iommu_info *info = &iommu->info;
	uint64_t limit = (uint64_t)info->count + info->room;

	if (!info->has_room || iommu->ledger.count < limit)
		return 0;
	return iommu_explain_room(iommu);
}

static int map_locked(struct lend_iommu *iommu, const struct mapping *m)
{
	int error;

	error = check_usable(iommu);
	if (!error)
		error = check_arguments(iommu, m);
	if (!error)
		error = check_overlap(iommu, m->iova, m->size);
	if (!error)
		error = check_ranges(iommu, m->iova, m->size);
	if (!error)
		error = check_room(iommu);
	if (error)
		return error;
	if (ledger_reserve(&iommu->ledger))
		return lend_error_set(iommu->ctx, LEND_ERROR_MEMORY, ENOMEM,
				      NULL, "no memory to note a mapping in");
	error = iommu->ops->map(iommu, m);
	if (error < 0)
		return iommu_explain_map(iommu, error, m);
	ledger_add(&iommu->ledger, m);
	return 0;
}

static int map(struct lend_iommu *iommu, const struct mapping *m)
{
	int error;

	pthread_mutex_lock(&iommu->lock);
	error = map_locked(iommu, m);
	pthread_mutex_unlock(&iommu->lock);
	return error;
}

int lend_iommu_map(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
		   uint64_t size, unsigned int flags)
{
	const struct mapping mapping = {
		.iova = iova,
		.size = size,
		.vaddr = vaddr,
		.flags = flags,
		.file = -1,
	};

	return map(iommu, &mapping);
}

int lend_iommu_map_file(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
			uint64_t size, unsigned int flags, int file,
			uint64_t offset)
{
	const struct mapping mapping = {
		.iova = iova,
		.size = size,
		.vaddr = vaddr,
		.flags = flags,
		.file = file,
		.offset = offset,
	};

	return map(iommu, &mapping);
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

static int unmap_all_locked(struct lend_iommu *iommu)
{
	struct ledger *ledger = &iommu->ledger;
	uint64_t unmapped = 0;
	int error;

	if (!ledger->count)
		return 0;
	error = iommu->ops->unmap_all(iommu, &unmapped);
	if (error < 0)
		return lend_error_set(iommu->ctx, LEND_ERROR_DMA, -error, NULL,
				      "cannot unmap all of 0x%llx bytes: %s",
				      (ull)ledger->bytes, strerror(-error));
	if (unmapped != ledger->bytes)
		return lend_error_set(iommu->ctx, LEND_ERROR_DMA, EIO, NULL,
				      "the kernel unmapped 0x%llx bytes, not "
				      "all 0x%llx",
				      (ull)unmapped, (ull)ledger->bytes);
	ledger_clear(ledger);
	return 0;
}

int lend_iommu_unmap_all(struct lend_iommu *iommu)
{
	int error;

	pthread_mutex_lock(&iommu->lock);
	error = unmap_all_locked(iommu);
	pthread_mutex_unlock(&iommu->lock);
	return error;
}

int lend_iommu_ranges(struct lend_iommu *iommu,
		      const struct lend_iova_range **ranges,
		      unsigned int *count)
{
	int error;

	pthread_mutex_lock(&iommu->lock);
	error = check_usable(iommu);
	if (!error) {
		*ranges = iommu->info.ranges;
		*count = iommu->info.range_count;
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
