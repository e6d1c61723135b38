// SPDX-License-Identifier: MIT
// I/O address spaces of iommufd: usable ranges, mapping and unmapping.

#include <errno.h>
#include <stdlib.h>

#include "lib/base/context.h"
#include "lib/base/uapi.h"
#include "lib/iommu/ioas.h"

/* More ranges than any sane driver reports. */
#define RANGES_MAX 4096
#define TRIES_MAX  4

_Static_assert(sizeof(struct lend_iova_range) == 16 &&
		       offsetof(struct lend_iova_range, last) == 8,
	       "ranges are the kernel's");

/* Repeats the query until the ranges fit, a bounded number of times. */
static int ioas_read_ranges(struct lend_iommu *iommu, struct iommu_info *info)
{
	struct uapi_ioas_iova_ranges ask = {.size = sizeof(ask)};
	const struct kernel *k = iommu->ctx->kernel;
	uint32_t room = 8;
	int err = -EMSGSIZE;

	for (int i = 0; err == -EMSGSIZE && i < TRIES_MAX; i++) {
		free(info->ranges);
		info->ranges = calloc(room, sizeof(*info->ranges));
		if (!info->ranges)
			return -ENOMEM;
		ask.id = iommu->ioas;
		ask.count = room;
		ask.ranges = (uintptr_t)info->ranges;
		err = k->ioctl(k, iommu->fd, UAPI_IOAS_IOVA_RANGES, &ask);
		if (err == -EMSGSIZE && ask.count > RANGES_MAX)
			break;
		if (err >= 0 && ask.count > room)
			return -EBADMSG;
		room = ask.count > room ? ask.count : room;
	}
	if (err < 0)
		return err == -EMSGSIZE ? -EBADMSG : err;
	info->range_count = ask.count;
	info->page_size = info->page_sizes = ask.alignment;
	return 0;
}

int ioas_info(struct lend_iommu *iommu, const char *device,
	      struct iommu_info *info)
{
	int err = ioas_read_ranges(iommu, info);

	if (!err)
		err = iommu_sort_ranges(info->ranges, info->range_count);
	if (!err &&
	    (!info->page_size || (info->page_size & (info->page_size - 1))))
		err = -EBADMSG;
	if (err == -EBADMSG)
		return iommu_bad_answer(iommu, device);
	if (err == -ENOMEM)
		return error_no_memory(iommu->ctx, device);
	if (err)
		return error_system(iommu->ctx, -err, device,
				    "query what the IOMMU can map");
	return 0;
}

static uint32_t map_flags(unsigned int flags)
{
	uint32_t result = UAPI_IOAS_MAP_FIXED_IOVA;

	if (flags & LEND_DMA_READ)
		result |= UAPI_IOAS_MAP_READABLE;
	if (flags & LEND_DMA_WRITE)
		result |= UAPI_IOAS_MAP_WRITEABLE;
	return result;
}

static int ioas_map_file(struct lend_iommu *iommu,
			 const struct mapping *mapping)
{
	struct uapi_ioas_map_file map = {
		.size = sizeof(map),
		.flags = map_flags(mapping->flags),
		.id = iommu->ioas,
		.fd = mapping->file,
		.start = mapping->offset,
		.length = mapping->size,
		.iova = mapping->iova,
	};
	const struct kernel *k = iommu->ctx->kernel;

	return k->ioctl(k, iommu->fd, UAPI_IOAS_MAP_FILE, &map);
}

static int map_memory(struct lend_iommu *iommu, const struct mapping *mapping)
{
	struct uapi_ioas_map map = {
		.size = sizeof(map),
		.flags = map_flags(mapping->flags),
		.id = iommu->ioas,
		.vaddr = (uintptr_t)mapping->vaddr,
		.length = mapping->size,
		.iova = mapping->iova,
	};
	const struct kernel *k = iommu->ctx->kernel;

	return k->ioctl(k, iommu->fd, UAPI_IOAS_MAP, &map);
}

/* If the kernel does not map the file, because it is older or the file is not a
 * memfd, map the memory that the file is mapped at. */
int ioas_map(struct lend_iommu *iommu, const struct mapping *mapping)
{
	int err;

	if (mapping->file < 0 || iommu->maps_no_file)
		return map_memory(iommu, mapping);
	err = ioas_map_file(iommu, mapping);
	if (err == -ENOTTY)
		iommu->maps_no_file = true;
	if (err == -ENOTTY || err == -EOPNOTSUPP || err == -EINVAL)
		return map_memory(iommu, mapping);
	return err;
}

int ioas_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t *size)
{
	struct uapi_ioas_unmap unmap = {
		.size = sizeof(unmap),
		.id = iommu->ioas,
		.iova = iova,
		.length = *size,
	};
	const struct kernel *k = iommu->ctx->kernel;
	int err;

	err = k->ioctl(k, iommu->fd, UAPI_IOAS_UNMAP, &unmap);
	*size = unmap.length;
	return err;
}

int ioas_unmap_all(struct lend_iommu *iommu, uint64_t *size)
{
	*size = UINT64_MAX;
	return ioas_unmap(iommu, 0, size);
}
