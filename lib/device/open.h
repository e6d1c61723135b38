/* SPDX-License-Identifier: MIT */
/* Opening a device, by any of the ways to name one. */
#ifndef LIB_DEVICE_OPEN_H
#define LIB_DEVICE_OPEN_H

#include <lend/device.h>

#include "lib/iommu/iommu.h"

/* Opens what the request names, all or nothing. Returns 0, or -errno with a
 * record. */
int device_open_request(struct lend_iommu *iommu, struct request *request,
			const struct lend_device_options *options,
			struct lend_device **result);

/* As that, of a request with a descriptor that the caller passed in, which must
 * be one. Without @name the device is named "@kind N". */
int device_open_passed(struct lend_iommu *iommu, struct request *request,
		       const char *kind, const char *name,
		       const struct lend_device_options *options,
		       struct lend_device **device);

#endif
