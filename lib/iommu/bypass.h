/* SPDX-License-Identifier: MIT */
/* virtio devices of a virtual machine whose DMA bypasses its IOMMU. */
#ifndef LIB_IOMMU_BYPASS_H
#define LIB_IOMMU_BYPASS_H

#include <stdbool.h>

#include <lend/context.h>

/* A virtio device does DMA through the IOMMU only with this feature. */
#define BYPASS_FEATURE 33 /* VIRTIO_F_ACCESS_PLATFORM */

/* Whether the IDs are those of a virtio device. */
bool bypass_is_virtio(unsigned int vendor, unsigned int device);

/* Whether this host is, or may be, a virtual machine: the devices of another
 * one are hardware, which cannot bypass its IOMMU. */
bool bypass_is_possible(struct lend_ctx *ctx);

/* Records that the device lacks the feature, as @evidence shows. Returns
 * -ENOTSUP. */
int bypass_explain(struct lend_ctx *ctx, const char *device,
		   const char *evidence);

#endif
