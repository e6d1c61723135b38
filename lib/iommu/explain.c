// SPDX-License-Identifier: MIT
// Why the kernel did not map memory for devices, and what it said of the IOMMU
// that makes no sense.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "context.h"
#include "iommu.h"

typedef unsigned long long ull;

int iommu_explain_room(struct lend_iommu *iommu)
{
	struct lend_ctx *ctx = iommu->ctx;

	lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, NULL,
		       "the kernel takes no more DMA mappings for one address "
		       "space");
	lend_error_evidence(ctx, "%u are mapped", iommu->ledger.count);
	if (iommu->info.has_room)
		lend_error_evidence(ctx,
				    "at the last device opened %u were, with "
				    "room for %u",
				    iommu->info.count, iommu->info.room);
	lend_error_remedy(ctx, "map memory in fewer, larger blocks");
	if (iommu->ops->backend != LEND_BACKEND_CONTAINER)
		return -ENOSPC;
	return lend_error_remedy(ctx, "or load vfio_iommu_type1 with a larger "
				      "dma_entry_limit");
}

int iommu_explain_map(struct lend_iommu *iommu, int error,
		      const struct mapping *m)
{
	if (error == -ENOMEM)
		return memlock_explain(iommu->ctx, iommu->ledger.bytes,
				       m->size);
	if (error == -ENOSPC)
		return iommu_explain_room(iommu);
	lend_error_set(iommu->ctx, LEND_ERROR_DMA, -error, NULL,
		       "cannot map 0x%llx bytes at %p to IOVA 0x%llx: %s",
		       (ull)m->size, m->vaddr, (ull)m->iova, strerror(-error));
	if (error == -EFAULT && iommu->ops->backend == LEND_BACKEND_IOMMUFD)
		return lend_error_evidence(iommu->ctx,
					   "iommufd maps memory, not device "
					   "registers");
	return error;
}

int iommu_bad_answer(struct lend_iommu *iommu, const char *device)
{
	return lend_error_set(iommu->ctx, LEND_ERROR_DEVICE, EBADMSG, device,
			      "what the kernel says of the IOMMU makes no "
			      "sense");
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
