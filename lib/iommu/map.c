// SPDX-License-Identifier: MIT
// Maps memory for devices; a mapping is checked here for all back ends.

#include <errno.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/iommu/iommu.h"

typedef unsigned long long ull;

/* 0, or -errno if nothing can be mapped. */
static int check_usable(const struct lend_iommu *iommu)
{
	if (!iommu->devices)
		return -ENOTCONN;
	return iommu->ops->map ? 0 : -ENOTSUP;
}

static bool in_ranges(const struct lend_iommu *iommu, uint64_t iova,
		      uint64_t size)
{
	const struct iommu_info *info = &iommu->info;
	uint64_t last = iova + (size - 1);

	for (unsigned int i = 0; i < info->range_count; i++)
		if (iova >= info->ranges[i].first &&
		    last <= info->ranges[i].last)
			return true;
	return !info->range_count;
}

/* The kernel reports its limit when a device is opened; mappings made and
 * removed since are counted here. */
static bool has_room(const struct lend_iommu *iommu)
{
	const struct iommu_info *info = &iommu->info;

	return !info->has_room ||
	       iommu->ledger.count < (uint64_t)info->count + info->room;
}

static int map_check(struct lend_iommu *iommu, const struct mapping *m)
{
	int err = check_usable(iommu);

	if (err)
		return err;
	if (iommu_mapping_fault(iommu, m))
		return -EINVAL;
	if (ledger_overlap(&iommu->ledger, m->iova, m->size))
		return -EEXIST;
	if (!in_ranges(iommu, m->iova, m->size))
		return -ERANGE;
	if (!has_room(iommu))
		return -ENOSPC;
	return ledger_reserve(&iommu->ledger);
}

/* Maps without a record. *@asked is whether the error is the kernel's. */
static int try_map(struct lend_iommu *iommu, const struct mapping *m,
		   bool *asked)
{
	int err = map_check(iommu, m);

	*asked = !err;
	if (!err)
		err = iommu->ops->map(iommu, m);
	if (err < 0)
		return err;
	ledger_add(&iommu->ledger, m);
	return 0;
}

static int refresh_quietly(struct lend_iommu *iommu)
{
	struct error_record saved;
	int err;

	if (!iommu->devices || !iommu->info_is_old)
		return 0;
	error_save(iommu->ctx, &saved);
	err = iommu_refresh(iommu);
	if (err)
		error_reinstate(iommu->ctx, &saved);
	return err;
}

int iommu_map_quietly(struct lend_iommu *iommu, const struct mapping *m)
{
	bool asked;
	int err;

	pthread_mutex_lock(&iommu->lock);
	err = refresh_quietly(iommu);
	if (!err)
		err = try_map(iommu, m, &asked);
	pthread_mutex_unlock(&iommu->lock);
	return err;
}

int iommu_map_locked(struct lend_iommu *iommu, const struct mapping *m)
{
	bool asked;
	int err = iommu->devices ? iommu_refresh(iommu) : 0;

	if (err)
		return err;
	err = try_map(iommu, m, &asked);
	if (!err)
		return 0;
	return asked ? iommu_explain_map(iommu, err, m)
		     : iommu_explain_refusal(iommu, err, m);
}

static int map_mapping(struct lend_iommu *iommu, const struct mapping *m)
{
	int err;

	pthread_mutex_lock(&iommu->lock);
	err = iommu_map_locked(iommu, m);
	pthread_mutex_unlock(&iommu->lock);
	return err;
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

	return map_mapping(iommu, &mapping);
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

	return map_mapping(iommu, &mapping);
}

/* Unmaps without a record; *@unmapped receives the bytes. Mappings that the
 * kernel may still have stay in the ledger, which lists at least what devices
 * can access. */
static int try_unmap(struct lend_iommu *iommu, const struct mapping_run *run,
		     uint64_t *unmapped)
{
	int err;

	*unmapped = run->size;
	err = iommu->ops->unmap(iommu, run->iova, unmapped);
	if (err < 0)
		return err;
	if (*unmapped == run->bytes)
		ledger_remove_run(&iommu->ledger, run);
	return 0;
}

/* Unmaps what one call mapped, at @vaddr if that is not NULL. */
static int unmap_one_quietly(struct lend_iommu *iommu, uint64_t iova,
			     uint64_t size, const void *vaddr)
{
	const struct mapping *mapping;
	struct mapping_run run;
	uint64_t unmapped;
	int err = -ENOENT;

	pthread_mutex_lock(&iommu->lock);
	mapping = ledger_find(&iommu->ledger, iova, size);
	if (mapping && (!vaddr || mapping->vaddr == vaddr)) {
		run = ledger_run(&iommu->ledger, iova, size);
		err = try_unmap(iommu, &run, &unmapped);
		if (!err && unmapped != size)
			err = -EIO;
	}
	pthread_mutex_unlock(&iommu->lock);
	return err;
}

int iommu_unmap_quietly(struct lend_iommu *iommu, uint64_t iova, uint64_t size)
{
	return unmap_one_quietly(iommu, iova, size, NULL);
}

int iommu_unmap_memory(struct lend_iommu *iommu, const struct mapping *mapping)
{
	return unmap_one_quietly(iommu, mapping->iova, mapping->size,
				 mapping->vaddr);
}

/* Whether mappings are wholly within a range that overlaps them. */
static bool run_is_within(const struct mapping_run *run, uint64_t iova,
			  uint64_t size)
{
	return run->iova >= iova &&
	       run->iova - iova + (run->size - 1) <= size - 1;
}

static int explain_no_run(struct lend_iommu *iommu, uint64_t iova,
			  uint64_t size, const struct mapping_run *run)
{
	const struct mapping *mapping;

	if (!run->count)
		return lend_error_set(
			iommu->ctx, LEND_ERROR_ARGUMENT, ENOENT, NULL,
			"nothing is mapped at IOVA 0x%llx, 0x%llx bytes",
			(ull)iova, (ull)size);
	mapping = ledger_overlap(&iommu->ledger, iova, size);
	if (mapping->iova >= iova)
		mapping = ledger_overlap_last(&iommu->ledger, iova, size);
	lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, ENOENT, NULL,
		       "IOVA 0x%llx, 0x%llx bytes, has part of a mapping",
		       (ull)iova, (ull)size);
	lend_error_evidence(iommu->ctx, "mapped: IOVA 0x%llx, 0x%llx bytes",
			    (ull)mapping->iova, (ull)mapping->size);
	return lend_error_remedy(iommu->ctx, "unmap whole mappings");
}

static int unmap_locked(struct lend_iommu *iommu, uint64_t iova, uint64_t size)
{
	struct mapping_run run = {0};
	uint64_t unmapped;
	int err;

	if (size && iova + (size - 1) < iova)
		return lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      NULL,
				      "cannot unmap 0x%llx bytes at IOVA "
				      "0x%llx: the range wraps around",
				      (ull)size, (ull)iova);
	if (size)
		run = ledger_run(&iommu->ledger, iova, size);
	if (!run.count || !run_is_within(&run, iova, size))
		return explain_no_run(iommu, iova, size, &run);
	err = try_unmap(iommu, &run, &unmapped);
	if (err < 0)
		return lend_error_set(iommu->ctx, LEND_ERROR_DMA, -err, NULL,
				      "cannot unmap IOVA 0x%llx, 0x%llx bytes: "
				      "%s",
				      (ull)run.iova, (ull)run.size,
				      strerror(-err));
	if (unmapped != run.bytes)
		return lend_error_set(iommu->ctx, LEND_ERROR_DMA, EIO, NULL,
				      "the kernel unmapped 0x%llx bytes at "
				      "IOVA 0x%llx, not 0x%llx",
				      (ull)unmapped, (ull)run.iova,
				      (ull)run.bytes);
	return 0;
}

int lend_iommu_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t size)
{
	int err;

	pthread_mutex_lock(&iommu->lock);
	err = unmap_locked(iommu, iova, size);
	pthread_mutex_unlock(&iommu->lock);
	return err;
}

static int unmap_all_locked(struct lend_iommu *iommu)
{
	struct ledger *ledger = &iommu->ledger;
	uint64_t unmapped = 0;
	int err;

	if (!ledger->count)
		return 0;
	err = iommu->ops->unmap_all(iommu, &unmapped);
	if (err < 0)
		return lend_error_set(iommu->ctx, LEND_ERROR_DMA, -err, NULL,
				      "cannot unmap all of 0x%llx bytes: %s",
				      (ull)ledger->bytes, strerror(-err));
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
	int err;

	pthread_mutex_lock(&iommu->lock);
	err = unmap_all_locked(iommu);
	pthread_mutex_unlock(&iommu->lock);
	return err;
}

int iommu_get_info(struct lend_iommu *iommu)
{
	int err = check_usable(iommu);

	return err ? iommu_explain_refusal(iommu, err, NULL)
		   : iommu_refresh(iommu);
}

int lend_iommu_ranges(struct lend_iommu *iommu,
		      const struct lend_iova_range **ranges,
		      unsigned int *count)
{
	int err;

	pthread_mutex_lock(&iommu->lock);
	err = iommu_get_info(iommu);
	if (!err) {
		*ranges = iommu->info.ranges;
		*count = iommu->info.range_count;
	}
	pthread_mutex_unlock(&iommu->lock);
	return err;
}

int lend_iommu_page_sizes(struct lend_iommu *iommu, uint64_t *sizes)
{
	int err;

	pthread_mutex_lock(&iommu->lock);
	err = iommu_get_info(iommu);
	if (!err)
		*sizes = iommu->info.page_sizes;
	pthread_mutex_unlock(&iommu->lock);
	return err;
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
