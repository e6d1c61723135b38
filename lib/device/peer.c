// SPDX-License-Identifier: MIT
// Peer-to-peer: parts of a region where other devices reach them by DMA.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <linux/vfio.h>

#include "lib/base/context.h"
#include "lib/base/uapi.h"
#include "lib/device/device.h"
#include "lib/device/reach.h"

/* A feature's head, and the dma-buf of one range behind it. */
union ask {
	struct vfio_device_feature feature;
	uint64_t room[(sizeof(struct vfio_device_feature) +
		       sizeof(struct uapi_feature_dma_buf) +
		       sizeof(struct uapi_dma_buf_range)) /
		      sizeof(uint64_t)];
};

/* A dma-buf of part of a region, or -errno. */
static int peer_make_dma_buf(struct lend_device *device, unsigned int index,
			     uint64_t offset, uint64_t size)
{
	const struct uapi_feature_dma_buf what = {
		.region = index,
		.open_flags = O_RDWR | O_CLOEXEC,
		.range_count = 1,
	};
	const struct uapi_dma_buf_range range = {offset, size};
	union ask ask = {
		.feature.argsz = sizeof(ask),
		.feature.flags = VFIO_DEVICE_FEATURE_GET | UAPI_FEATURE_DMA_BUF,
	};
	char *data = (char *)ask.feature.data;

	memcpy(data, &what, sizeof(what));
	memcpy(data + sizeof(what), &range, sizeof(range));
	return reach_ioctl(device, VFIO_DEVICE_FEATURE, &ask);
}

int lend_region_map_dma(struct lend_device *device, unsigned int index,
			uint64_t offset, uint64_t size, void *vaddr,
			uint64_t iova)
{
	const struct kernel *k = device->ctx->kernel;
	struct mapping mapping = {
		.iova = iova,
		.size = size,
		.vaddr = vaddr,
		.flags = LEND_DMA_READ | LEND_DMA_WRITE,
		.file = -1,
	};
	int err;

	if (!device_can_map(device, index, offset, size))
		return -EINVAL;
	/* Without a dma-buf, the mapping in this process is tried: some kernels
	 * accept it. */
	if (lend_iommu_backend(device->iommu) == LEND_BACKEND_IOMMUFD)
		mapping.file = peer_make_dma_buf(device, index, offset, size);
	err = iommu_map_quietly(device->iommu, &mapping);
	if (mapping.file >= 0)
		k->close(k, mapping.file);
	return err;
}

void lend_region_unmap_dma(struct lend_device *device, uint64_t iova,
			   uint64_t size)
{
	int err = iommu_unmap_quietly(device->iommu, iova, size);

	if (err)
		lend_log(device->ctx, LEND_LOG_WARNING,
			 "%s: could not unmap 0x%llx bytes at IOVA 0x%llx; "
			 "other devices can still access them: %s",
			 lend_device_name(device), (unsigned long long)size,
			 (unsigned long long)iova, strerror(-err));
}
