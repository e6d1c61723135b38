// SPDX-License-Identifier: MIT
// The container back end: usable ranges, mapping and unmapping by the type1
// IOMMU model.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/vfio.h>

#include "lib/base/context.h"
#include "lib/base/vfio-answer.h"
#include "lib/iommu/container.h"

static int type1_attach(struct lend_iommu *iommu, const struct request *request,
			struct attachment *attachment)
{
	static const unsigned int models[] = {VFIO_TYPE1v2_IOMMU,
					      VFIO_TYPE1_IOMMU};

	return container_attach(iommu, request, models,
				sizeof(models) / sizeof(models[0]), attachment);
}

static int type1_read_ranges(const struct info *answer, uint32_t offset,
			     struct iommu_info *info)
{
	struct vfio_iommu_type1_info_cap_iova_range cap;
	const char *at = (const char *)answer->bytes + offset;
	struct lend_iova_range *ranges;

	memcpy(&cap, at, sizeof(cap));
	if (cap.nr_iovas >
	    (answer->size - offset - sizeof(cap)) / sizeof(*ranges))
		return -EBADMSG;
	if (!cap.nr_iovas)
		return 0;
	ranges = calloc(cap.nr_iovas, sizeof(*ranges));
	if (!ranges)
		return -ENOMEM;
	info->ranges = ranges;
	info->range_count = cap.nr_iovas;
	memcpy(ranges, at + sizeof(cap), cap.nr_iovas * sizeof(*ranges));
	return iommu_sort_ranges(ranges, cap.nr_iovas);
}

static int read_caps(const struct info *answer, uint32_t first,
		     struct iommu_info *info)
{
	struct vfio_iommu_type1_info_dma_avail avail;
	uint32_t base = sizeof(struct vfio_iommu_type1_info);
	uint32_t offset;
	int found;

	found = info_cap(
		answer, first, base, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE,
		sizeof(struct vfio_iommu_type1_info_cap_iova_range), &offset);
	if (found > 0)
		found = type1_read_ranges(answer, offset, info);
	if (found < 0)
		return found;
	found = info_cap(answer, first, base, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL,
			 sizeof(avail), &offset);
	if (found <= 0)
		return found;
	memcpy(&avail, (const char *)answer->bytes + offset, sizeof(avail));
	info->has_room = true;
	info->room = avail.avail;
	return 0;
}

static int type1_info(struct lend_iommu *iommu, const char *device,
		      struct iommu_info *info)
{
	struct vfio_iommu_type1_info head = {0};
	struct info answer;
	int err;

	err = info_read(iommu->ctx->kernel, iommu->fd, VFIO_IOMMU_GET_INFO,
			&head, sizeof(head), &answer);
	if (!err) {
		memcpy(&head, answer.bytes, sizeof(head));
		if (head.flags & VFIO_IOMMU_INFO_CAPS)
			err = read_caps(&answer, head.cap_offset, info);
		info_free(&answer);
	}
	if (err == -EBADMSG)
		return iommu_bad_answer(iommu, device);
	if (err == -ENOMEM)
		return error_no_memory(iommu->ctx, device);
	if (err)
		return error_system(iommu->ctx, -err, device,
				    "query what the IOMMU can map");
	if (head.flags & VFIO_IOMMU_INFO_PGSIZES)
		info->page_sizes = head.iova_pgsizes;
	if (!info->page_sizes)
		info->page_sizes = (uint64_t)sysconf(_SC_PAGESIZE);
	info->page_size = info->page_sizes & -info->page_sizes;
	return 0;
}

static int type1_map(struct lend_iommu *iommu, const struct mapping *mapping)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.vaddr = (uintptr_t)mapping->vaddr,
		.iova = mapping->iova,
		.size = mapping->size,
	};
	const struct kernel *k = iommu->ctx->kernel;

	if (mapping->flags & LEND_DMA_READ)
		map.flags |= VFIO_DMA_MAP_FLAG_READ;
	if (mapping->flags & LEND_DMA_WRITE)
		map.flags |= VFIO_DMA_MAP_FLAG_WRITE;
	return k->ioctl(k, iommu->fd, VFIO_IOMMU_MAP_DMA, &map);
}

static int unmap_range(struct lend_iommu *iommu, uint32_t flags, uint64_t iova,
		       uint64_t *size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = flags,
		.iova = iova,
		.size = *size,
	};
	const struct kernel *k = iommu->ctx->kernel;
	int err;

	err = k->ioctl(k, iommu->fd, VFIO_IOMMU_UNMAP_DMA, &unmap);
	*size = unmap.size;
	return err;
}

static int type1_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t *size)
{
	return unmap_range(iommu, 0, iova, size);
}

/* Before Linux 5.12 no size covers the whole address space: unmap each half. */
static int type1_unmap_all(struct lend_iommu *iommu, uint64_t *size)
{
	const uint64_t half = 1ull << 63;
	uint64_t upper = half;
	int err;

	*size = 0;
	if (iommu->unmaps_all)
		return unmap_range(iommu, VFIO_DMA_UNMAP_FLAG_ALL, 0, size);
	*size = half;
	err = unmap_range(iommu, 0, 0, size);
	if (!err)
		err = unmap_range(iommu, 0, half, &upper);
	*size += upper;
	return err;
}

const struct iommu_ops type1_ops = {
	.backend = LEND_BACKEND_CONTAINER,
	.open = container_open,
	.close = container_close,
	.attach = type1_attach,
	.detach = container_detach,
	.info = type1_info,
	.map = type1_map,
	.unmap = type1_unmap,
	.unmap_all = type1_unmap_all,
};
