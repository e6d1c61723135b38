// SPDX-License-Identifier: MIT
// Records for mappings that were refused, here or by the kernel, and for
// invalid IOMMU information.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/iommu/iommu.h"

typedef unsigned long long ull;

int iommu_explain_room(struct lend_iommu *iommu)
{
	struct lend_ctx *ctx = iommu->ctx;

	lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
		       "the address space has as many DMA mappings as the "
		       "kernel allows");
	lend_error_evidence(ctx, "%u mappings exist", iommu->ledger.count);
	if (iommu->info.has_room)
		lend_error_evidence(ctx,
				    "when the last device was opened, %u "
				    "existed and %u more were allowed",
				    iommu->info.count, iommu->info.room);
	lend_error_remedy(ctx, "map memory in fewer, larger blocks");
	if (iommu->ops->backend != LEND_BACKEND_CONTAINER)
		return -ENOSPC;
	return lend_error_remedy(ctx, "or load vfio_iommu_type1 with a larger "
				      "dma_entry_limit");
}

const char *iommu_mapping_fault(const struct lend_iommu *iommu,
				const struct mapping *m)
{
	uint64_t at = (uintptr_t)m->vaddr;
	uint64_t mask = iommu->info.page_size - 1;

	if (!m->size)
		return "the range is empty";
	if (m->iova + (m->size - 1) < m->iova || at + (m->size - 1) < at ||
	    m->offset + (m->size - 1) < m->offset)
		return "the range wraps around";
	if ((m->iova | at | m->size | m->offset) & mask)
		return "the range is not aligned to the IOMMU's page size";
	if (!m->flags || (m->flags & ~(LEND_DMA_READ | LEND_DMA_WRITE)))
		return "the flags must be LEND_DMA_READ, LEND_DMA_WRITE or "
		       "both";
	return NULL;
}

static int explain_unusable(struct lend_ctx *ctx, int err)
{
	if (err == -ENOTCONN)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENOTCONN, NULL,
				      "no device is open in the address space");
	lend_error_set(ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, NULL,
		       "no-IOMMU mode has no DMA mappings");
	return lend_error_evidence(ctx, "in that mode a device accesses the "
					"host's physical memory unchecked");
}

static int explain_argument(struct lend_iommu *iommu, const struct mapping *m)
{
	lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "cannot map 0x%llx bytes at IOVA 0x%llx: %s",
		       (ull)m->size, (ull)m->iova,
		       iommu_mapping_fault(iommu, m));
	return lend_error_evidence(iommu->ctx,
				   "the memory is at %p; the smallest page is "
				   "0x%llx bytes",
				   m->vaddr, (ull)iommu->info.page_size);
}

static int explain_ranges(struct lend_iommu *iommu, const struct mapping *m)
{
	const struct iommu_info *info = &iommu->info;

	lend_error_set(iommu->ctx, LEND_ERROR_DMA, ERANGE, NULL,
		       "IOVA 0x%llx to 0x%llx is reserved, or out of range of "
		       "the IOMMU",
		       (ull)m->iova, (ull)(m->iova + (m->size - 1)));
	for (unsigned int i = 0; i < info->range_count; i++)
		lend_error_evidence(iommu->ctx, "usable: 0x%llx to 0x%llx",
				    (ull)info->ranges[i].first,
				    (ull)info->ranges[i].last);
	return -ERANGE;
}

static int explain_overlap(struct lend_iommu *iommu, const struct mapping *m)
{
	const struct mapping *other =
		ledger_overlap(&iommu->ledger, m->iova, m->size);

	lend_error_set(
		iommu->ctx, LEND_ERROR_DMA, EEXIST, NULL,
		"IOVA 0x%llx, 0x%llx bytes, overlaps an existing mapping",
		(ull)m->iova, (ull)m->size);
	return lend_error_evidence(iommu->ctx,
				   "mapped: IOVA 0x%llx, 0x%llx bytes, memory "
				   "at %p",
				   (ull)other->iova, (ull)other->size,
				   other->vaddr);
}

int iommu_explain_refusal(struct lend_iommu *iommu, int err,
			  const struct mapping *m)
{
	switch (err) {
	case -EINVAL:
		return explain_argument(iommu, m);
	case -EEXIST:
		return explain_overlap(iommu, m);
	case -ERANGE:
		return explain_ranges(iommu, m);
	case -ENOSPC:
		return iommu_explain_room(iommu);
	case -ENOMEM:
		return error_no_memory(iommu->ctx, NULL);
	}
	return explain_unusable(iommu->ctx, err);
}

int iommu_explain_map(struct lend_iommu *iommu, int err,
		      const struct mapping *m)
{
	if (err == -ENOMEM)
		return memlock_explain(iommu->ctx, iommu->ledger.bytes,
				       m->size);
	if (err == -ENOSPC)
		return iommu_explain_room(iommu);
	lend_error_set(iommu->ctx, LEND_ERROR_DMA, -err, NULL,
		       "cannot map 0x%llx bytes at %p to IOVA 0x%llx: %s",
		       (ull)m->size, m->vaddr, (ull)m->iova, strerror(-err));
	if (err == -EFAULT && iommu->ops->backend == LEND_BACKEND_IOMMUFD)
		return lend_error_evidence(iommu->ctx,
					   "iommufd maps memory, not device "
					   "registers");
	return err;
}

int iommu_bad_answer(struct lend_iommu *iommu, const char *device)
{
	return lend_error_set(
		iommu->ctx, LEND_ERROR_DEVICE, EBADMSG, device,
		"invalid information about the IOMMU from the kernel");
}

static int compare_ranges(const void *a, const void *b)
{
	const struct lend_iova_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

int iommu_sort_ranges(struct lend_iova_range *ranges, unsigned int count)
{
	qsort(ranges, count, sizeof(*ranges), compare_ranges);
	for (unsigned int i = 0; i < count; i++)
		if (ranges[i].first > ranges[i].last ||
		    (i && ranges[i].first <= ranges[i - 1].last))
			return -EBADMSG;
	return 0;
}
