/* SPDX-License-Identifier: MIT */
/* Resets of a device, and the functions that they affect. */
#ifndef LEND_RESET_H
#define LEND_RESET_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/device.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * lend_device_can_reset() - check whether a device has a reset of its own
 * @device: device
 *
 * Returns: true if lend_device_reset() can reset it. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_FLAGS_RESET in linux/vfio.h.
 */
bool lend_device_can_reset(const struct lend_device *device);

/**
 * lend_device_reset() - reset a device, and nothing else
 * @device: device
 *
 * While the kernel reports that another process holds the device's lock, the
 * reset is tried again, for up to 200 milliseconds.
 *
 * Returns: 0, or
 * -ENOTSUP, LEND_ERROR_DEVICE: the device has no reset of its own;
 * -EAGAIN, LEND_ERROR_DEVICE: its lock was held all the time; try again;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE.
 *
 * Since: 0.1. Source: VFIO_DEVICE_RESET in linux/vfio.h.
 */
int lend_device_reset(struct lend_device *device);

/**
 * struct lend_reset_target - a PCI function that a hot reset affects
 * @domain:   PCI domain
 * @bus:      bus
 * @slot:     device number, 0 to 31
 * @function: function, 0 to 7
 * @group:    number of its IOMMU group; -1 if the device was opened by its own
 *            node, as the kernel does not report groups then
 * @is_ours:  it, or its group, is open in this context or bound to the same
 *            iommufd, so that a hot reset affects nobody else
 *
 * Never grows: programs have arrays of it.
 *
 * Since: 0.1
 */
struct lend_reset_target {
	uint32_t domain;
	uint8_t bus;
	uint8_t slot;
	uint8_t function;
	int group;
	bool is_ours;
};

/**
 * lend_device_hot_reset_info() - get the functions that a hot reset affects
 * @device:  PCI device
 * @targets: receives up to @room functions, @device among them
 * @room:    entries of @targets; 0 to ask for their number only
 *
 * A hot reset is a reset of the device's slot or bus.
 *
 * Returns: the number of functions, which may be more than @room, or
 * -ENOTSUP, LEND_ERROR_DEVICE: neither the slot nor the bus can be reset, or
 * the driver does not support it;
 * -EBADMSG, LEND_ERROR_DEVICE: the kernel's answer is invalid;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of the ioctl, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_PCI_HOT_RESET_INFO in linux/vfio.h.
 */
int lend_device_hot_reset_info(struct lend_device *device,
			       struct lend_reset_target *targets,
			       unsigned int room);

/**
 * lend_device_hot_reset() - reset all functions of a device's slot or bus
 * @device: PCI device
 *
 * All affected functions must be ours, as lend_device_hot_reset_info() reports.
 * The caller stops their use before, and sets them up again afterwards.
 *
 * Returns: 0, or
 * -EBUSY, LEND_ERROR_BUSY: functions that are not ours would be affected; the
 * record lists them: bind them to VFIO and open them here as well;
 * -ENOTSUP, LEND_ERROR_DEVICE: neither the slot nor the bus can be reset, or
 * the driver does not support it;
 * -EBADMSG, LEND_ERROR_DEVICE: the kernel's answer is invalid;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_DEVICE: the reset failed; LEND_ERROR_SYSTEM:
 * the kernel could not be asked.
 *
 * Since: 0.1. Source: VFIO_DEVICE_PCI_HOT_RESET in linux/vfio.h.
 */
int lend_device_hot_reset(struct lend_device *device);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
