// SPDX-License-Identifier: MIT
// The container back end: groups set into a container with the type1 IOMMU
// model.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/vfio.h>

#include "address/sysfs.h"
#include "context.h"
#include "group.h"
#include "info.h"
#include "node.h"

static int explain_open(struct lend_ctx *ctx, int error, const char *path)
{
	switch (error) {
	case -EACCES:
	case -EPERM:
		return node_explain_permission(ctx, NULL, path);
	case -ENOENT:
	case -ENODEV:
	case -ENXIO:
		lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOENT, NULL,
			       "VFIO is not loaded: there is no %s", path);
		return lend_error_remedy(ctx, "sudo modprobe vfio-pci");
	}
	return error_system(ctx, -error, NULL, "open %s", path);
}

static int type1_open(struct lend_iommu *iommu)
{
	struct lend_ctx *ctx = iommu->ctx;
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH];
	int version;
	int fd;

	fd = sysfs_path(path, "%s/vfio/vfio", ctx->dev);
	if (!fd)
		fd = k->open(k, path, O_RDWR);
	if (fd < 0)
		return explain_open(ctx, fd, path);
	iommu->fd = fd;
	version = k->ioctl(k, fd, VFIO_GET_API_VERSION, NULL);
	if (version < 0)
		return error_system(ctx, -version, NULL,
				    "ask %s for its version", path);
	if (version == VFIO_API_VERSION)
		return 0;
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOTSUP, NULL,
		       "%s speaks version %d of VFIO, not %d", path, version,
		       VFIO_API_VERSION);
	return -ENOTSUP;
}

static int set_model(struct lend_iommu *iommu, const char *device)
{
	static const unsigned int models[] = {VFIO_TYPE1v2_IOMMU,
					      VFIO_TYPE1_IOMMU};
	const struct kernel *k = iommu->ctx->kernel;
	int error;

	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		void *model = (void *)(uintptr_t)models[i];

		if (k->ioctl(k, iommu->fd, VFIO_CHECK_EXTENSION, model) <= 0)
			continue;
		error = k->ioctl(k, iommu->fd, VFIO_SET_IOMMU, model);
		if (error >= 0) {
			iommu->model = models[i];
			return 0;
		}
		if (error == -EPERM)
			return group_explain_interrupts(iommu->ctx, device);
		if (error != -ENODEV)
			return error_system(iommu->ctx, -error, device,
					    "set IOMMU model %u", models[i]);
	}
	lend_error_set(iommu->ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, device,
		       "the kernel has no type1 IOMMU for it");
	return lend_error_remedy(iommu->ctx, "sudo modprobe vfio_iommu_type1");
}

static void type1_detach(struct lend_iommu *iommu,
			 struct attachment *attachment)
{
	const struct kernel *k = iommu->ctx->kernel;

	if (attachment->fd >= 0)
		k->close(k, attachment->fd);
	attachment->fd = -1;
	attachment->kvm_fd = -1;
	if (attachment->backend)
		group_put(iommu->ctx, attachment->backend);
	attachment->backend = NULL;
	if (!group_any_in(iommu))
		iommu->model = 0;
}

static int type1_attach(struct lend_iommu *iommu, struct lend_address *address,
			struct attachment *attachment)
{
	struct group *group;
	int result;

	result = group_get(iommu, address, &group);
	if (result)
		return result;
	attachment->backend = group;
	attachment->kvm_fd = group->fd;
	if (!iommu->model)
		result = set_model(iommu, lend_address_name(address));
	if (!result)
		result = group_open_device(group, address);
	if (result < 0) {
		type1_detach(iommu, attachment);
		return result;
	}
	attachment->fd = result;
	return 0;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct lend_iova_range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static int read_ranges(const struct info *answer, uint32_t offset,
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
	qsort(ranges, cap.nr_iovas, sizeof(*ranges), compare_ranges);
	for (uint32_t i = 0; i < cap.nr_iovas; i++)
		if (ranges[i].first > ranges[i].last ||
		    (i && ranges[i].first <= ranges[i - 1].last))
			return -EBADMSG;
	return 0;
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
		found = read_ranges(answer, offset, info);
	if (found < 0)
		return found;
	found = info_cap(answer, first, base, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL,
			 sizeof(avail), &offset);
	if (found <= 0)
		return found;
	memcpy(&avail, (const char *)answer->bytes + offset, sizeof(avail));
	info->dma_avail = avail.avail;
	return 0;
}

static int type1_info(struct lend_iommu *iommu, const char *device,
		      struct iommu_info *info)
{
	struct vfio_iommu_type1_info head = {0};
	struct info answer;
	int error;

	error = info_read(iommu->ctx->kernel, iommu->fd, VFIO_IOMMU_GET_INFO,
			  &head, sizeof(head), &answer);
	if (!error) {
		memcpy(&head, answer.bytes, sizeof(head));
		if (head.flags & VFIO_IOMMU_INFO_CAPS)
			error = read_caps(&answer, head.cap_offset, info);
		info_free(&answer);
	}
	if (error == -EBADMSG)
		return lend_error_set(iommu->ctx, LEND_ERROR_DEVICE, EBADMSG,
				      device,
				      "what the kernel says of the IOMMU makes "
				      "no sense");
	if (error)
		return error_system(iommu->ctx, -error, device,
				    "ask what the IOMMU can map");
	if (head.flags & VFIO_IOMMU_INFO_PGSIZES)
		info->page_size = head.iova_pgsizes & -head.iova_pgsizes;
	if (!info->page_size)
		info->page_size = (uint64_t)sysconf(_SC_PAGESIZE);
	return 0;
}

static int type1_map(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
		     uint64_t size, unsigned int flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.vaddr = (uintptr_t)vaddr,
		.iova = iova,
		.size = size,
	};
	const struct kernel *k = iommu->ctx->kernel;

	if (flags & LEND_DMA_READ)
		map.flags |= VFIO_DMA_MAP_FLAG_READ;
	if (flags & LEND_DMA_WRITE)
		map.flags |= VFIO_DMA_MAP_FLAG_WRITE;
	return k->ioctl(k, iommu->fd, VFIO_IOMMU_MAP_DMA, &map);
}

static int type1_unmap(struct lend_iommu *iommu, uint64_t iova, uint64_t *size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = *size,
	};
	const struct kernel *k = iommu->ctx->kernel;
	int error;

	error = k->ioctl(k, iommu->fd, VFIO_IOMMU_UNMAP_DMA, &unmap);
	*size = unmap.size;
	return error;
}

const struct iommu_ops type1_ops = {
	.name = "type1",
	.open = type1_open,
	.attach = type1_attach,
	.detach = type1_detach,
	.info = type1_info,
	.map = type1_map,
	.unmap = type1_unmap,
};
