/* SPDX-License-Identifier: MIT */
/* Resets of a device, and what else they reach. */
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
 * lend_device_can_reset() - whether the device has a reset of its own
 * @device: device
 *
 * Returns: whether lend_device_reset() has something to do. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_FLAGS_RESET in linux/vfio.h.
 */
bool lend_device_can_reset(const struct lend_device *device);

/**
 * lend_device_reset() - reset the device's function
 * @device: device
 *
 * Waits up to 200 milliseconds for whoever else holds the device.
 *
 * Returns: 0, or
 * -ENOTSUP, LEND_ERROR_DEVICE: it has none;
 * -EAGAIN, LEND_ERROR_DEVICE: somebody held it all the time; try again;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE.
 *
 * Since: 0.1. Source: VFIO_DEVICE_RESET in linux/vfio.h.
 */
int lend_device_reset(struct lend_device *device);

/**
 * struct lend_reset_target - a PCI function that a hot reset reaches
 * @domain:   PCI domain
 * @bus:      bus
 * @slot:     slot, 0 to 31
 * @function: function, 0 to 7
 * @group:    IOMMU group, or -1 where the device was opened by its own node,
 *            of which the kernel does not tell it
 * @is_ours:  it, or its group, is open in this context (or bound to the same
 *            iommufd), so that nobody else is disturbed
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
 * lend_device_hot_reset_info() - what a reset of the device's slot or bus
 *                                reaches
 * @device:  PCI device
 * @targets: receives as many as @room holds, the device itself among them
 * @room:    entries of @targets; 0 to ask how many there are
 *
 * Returns: how many there are, which may be more than @room, or
 * -ENOTSUP, LEND_ERROR_DEVICE: neither slot nor bus can be reset by itself, or
 * the driver knows no such thing;
 * -EBADMSG, LEND_ERROR_DEVICE: what the kernel says makes no sense;
 * or another -errno of the ioctl, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_PCI_HOT_RESET_INFO in linux/vfio.h.
 */
int lend_device_hot_reset_info(struct lend_device *device,
			       struct lend_reset_target *targets,
			       unsigned int room);

/**
 * lend_device_hot_reset() - reset all functions of the device's slot or bus
 * @device: PCI device
 *
 * All that is reached must be ours; it is for the caller to stop what goes on
 * there before, and to set those devices up again.
 *
 * Returns: 0, or
 * -EBUSY, LEND_ERROR_BUSY: it would reach devices that are not ours; the
 * record names each;
 * an -errno of the reset, LEND_ERROR_DEVICE;
 * or as lend_device_hot_reset_info().
 *
 * Since: 0.1. Source: VFIO_DEVICE_PCI_HOT_RESET in linux/vfio.h.
 */
int lend_device_hot_reset(struct lend_device *device);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
