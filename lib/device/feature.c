// SPDX-License-Identifier: MIT
// Optional features of a device's driver: VFIO_DEVICE_FEATURE.

#include <linux/vfio.h>

#include "lib/base/context.h"
#include "lib/device/device.h"
#include "lib/device/reach.h"

bool lend_device_has_feature(const struct lend_device *device,
			     unsigned int feature, unsigned int how)
{
	struct vfio_device_feature probe = {
		.argsz = sizeof(probe),
		.flags = VFIO_DEVICE_FEATURE_PROBE | feature,
	};

	if (feature > VFIO_DEVICE_FEATURE_MASK ||
	    (how & ~(LEND_FEATURE_GET | LEND_FEATURE_SET)))
		return false;
	if (how & LEND_FEATURE_GET)
		probe.flags |= VFIO_DEVICE_FEATURE_GET;
	if (how & LEND_FEATURE_SET)
		probe.flags |= VFIO_DEVICE_FEATURE_SET;
	return reach_ioctl((struct lend_device *)(uintptr_t)device,
			   VFIO_DEVICE_FEATURE, &probe) >= 0;
}
