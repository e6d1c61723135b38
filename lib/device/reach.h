/* SPDX-License-Identifier: MIT */
/* How a device is reached: by the kernel's descriptor, or through the socket of
 * a server. */
#ifndef LIB_DEVICE_REACH_H
#define LIB_DEVICE_REACH_H

#include <sys/types.h>

#include "lib/base/vfio-answer.h"
#include "lib/device/device.h"

/* VFIO_DEVICE_*; a value >= 0, or -errno. */
int reach_ioctl(struct lend_device *device, unsigned long request,
		void *argument);

/* As info_read(). */
int reach_info(struct lend_device *device, unsigned long request,
	       const void *question, uint32_t base, struct info *info);

/* The bytes that were read or written, or -errno; within the region. */
ssize_t reach_read(struct lend_device *device, unsigned int index,
		   uint64_t offset, void *data, size_t size);
ssize_t reach_write(struct lend_device *device, unsigned int index,
		    uint64_t offset, const void *data, size_t size);

/* The descriptor by which a region is mapped. */
int reach_file(const struct lend_device *device, unsigned int index);

/* Why a region cannot be mapped up to @end; NULL if it can. */
const char *reach_file_fault(const struct lend_device *device,
			     unsigned int index, uint64_t end);

/* Records why the connection to a device's server has ended. Returns -EIO. */
int reach_explain_loss(const struct lend_device *device);

/* "kernel" or "server". */
const char *reach_name(const struct lend_device *device);

#endif
