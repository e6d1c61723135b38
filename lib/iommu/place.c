// SPDX-License-Identifier: MIT
// Maps memory at free I/O virtual addresses: the lowest that fit.

#include <errno.h>

#include "lib/base/context.h"
#include "lib/iommu/iommu.h"

typedef unsigned long long ull;

/* Many devices take an address of 0 for none; drivers have errors that make
 * small ones. */
#define PLACE_LOW (1ull << 20)

/* Without ranges from the kernel, as before Linux 5.4: below the windows of
 * message signalled interrupts of all processors. */
#define PLACE_UNKNOWN_LAST 0x7ffffffull

/* What large pages of an IOMMU need to be used. */
#define PLACE_LARGE (2ull << 20)

static bool place_in_range(const struct ledger *ledger,
			   struct lend_iova_range range,
			   const struct ledger_wish *wish, uint64_t *iova)
{
	struct ledger_wish here = *wish;

	here.first = range.first > PLACE_LOW ? range.first : PLACE_LOW;
	here.last = range.last < wish->last ? range.last : wish->last;
	return ledger_place(ledger, &here, iova);
}

static bool place_find(const struct lend_iommu *iommu,
		       const struct ledger_wish *wish, uint64_t *iova)
{
	const struct lend_iova_range unknown = {0, PLACE_UNKNOWN_LAST};
	const struct iommu_info *info = &iommu->info;

	for (unsigned int i = 0; i < info->range_count; i++)
		if (place_in_range(&iommu->ledger, info->ranges[i], wish, iova))
			return true;
	return !info->range_count &&
	       place_in_range(&iommu->ledger, unknown, wish, iova);
}

static int explain_no_place(struct lend_iommu *iommu, uint64_t size,
			    uint64_t last)
{
	const struct iommu_info *info = &iommu->info;

	lend_error_set(iommu->ctx, LEND_ERROR_DMA, ERANGE, NULL,
		       "no 0x%llx bytes of I/O virtual addresses are free up "
		       "to 0x%llx",
		       (ull)size, (ull)last);
	lend_error_evidence(iommu->ctx, "%u mappings have 0x%llx bytes",
			    iommu->ledger.count, (ull)iommu->ledger.bytes);
	for (unsigned int i = 0; i < info->range_count; i++)
		lend_error_evidence(iommu->ctx, "usable: 0x%llx to 0x%llx",
				    (ull)info->ranges[i].first,
				    (ull)info->ranges[i].last);
	return -ERANGE;
}

/* Mapped at the offset in a large page that the memory has, if that fits. */
static int place_choose(struct lend_iommu *iommu, uint64_t last,
			struct mapping *mapping)
{
	struct ledger_wish wish = {
		.size = mapping->size,
		.last = last,
		.align = PLACE_LARGE,
		.phase = (uintptr_t)mapping->vaddr,
	};

	if (wish.size >= PLACE_LARGE && iommu->info.page_size < PLACE_LARGE &&
	    place_find(iommu, &wish, &mapping->iova))
		return 0;
	wish.align = iommu->info.page_size;
	wish.phase = 0;
	if (place_find(iommu, &wish, &mapping->iova))
		return 0;
	return explain_no_place(iommu, wish.size, last);
}

int lend_iommu_map_any(struct lend_iommu *iommu, void *vaddr, uint64_t size,
		       unsigned int flags, uint64_t last, uint64_t *iova)
{
	struct mapping mapping = {
		.size = size,
		.vaddr = vaddr,
		.flags = flags,
		.file = -1,
	};
	int err;

	pthread_mutex_lock(&iommu->lock);
	err = iommu_get_info(iommu);
	if (!err && iommu_mapping_fault(iommu, &mapping))
		err = iommu_explain_refusal(iommu, -EINVAL, &mapping);
	if (!err)
		err = place_choose(iommu, last, &mapping);
	if (!err)
		err = iommu_map_locked(iommu, &mapping);
	if (!err)
		*iova = mapping.iova;
	pthread_mutex_unlock(&iommu->lock);
	return err;
}
