/* SPDX-License-Identifier: MIT */
/* Interrupts of a device, signalled through eventfds. */
#ifndef LEND_IRQ_H
#define LEND_IRQ_H

#include <stdint.h>

#include <lend/device.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Interrupts of the index can be signalled through an eventfd. Since: 0.1 */
#define LEND_IRQ_EVENTFD (1u << 0)

/** Interrupts of the index can be masked. Since: 0.1 */
#define LEND_IRQ_MASKABLE (1u << 1)

/** An interrupt of the index masks itself each time it fires, and stays silent
 * until it is unmasked. Since: 0.1 */
#define LEND_IRQ_AUTOMASKED (1u << 2)

/** The number of interrupts cannot change while the index is enabled.
 * Since: 0.1 */
#define LEND_IRQ_NORESIZE (1u << 3)

/**
 * struct lend_irq - an interrupt index of a device
 * @count: number of interrupts, also called vectors; 0 if the device does not
 *         have the index
 * @flags: LEND_IRQ_*; later releases may add bits
 *
 * Made by the library alone; may grow at its end.
 *
 * Since: 0.1
 */
struct lend_irq {
	unsigned int count;
	uint32_t flags;
};

/** Interrupt indices of PCI devices: those that the device raises. Since: 0.1.
 * Source: linux/vfio.h. */
#define LEND_PCI_IRQ_INTX 0
#define LEND_PCI_IRQ_MSI  1
#define LEND_PCI_IRQ_MSIX 2

/** Interrupt index of PCI devices that is signalled when the device, or another
 * on its bus, had an uncorrectable error. Stop using the device;
 * lend_device_fault() describes the error. Since: 0.1. Source: linux/vfio.h. */
#define LEND_PCI_IRQ_ERR 3

/** Interrupt index of PCI devices that is signalled when the host wants to
 * unbind or remove the device, and again every ten seconds while it waits.
 * Close the device; lend(3) describes how. Where a program does not set an
 * eventfd for it, the host's request hangs until the program closes the device
 * or ends. Since: 0.1. Source: linux/vfio.h. */
#define LEND_PCI_IRQ_REQ 4

/**
 * lend_device_irq() - get an interrupt index of a device
 * @device: device
 * @index:  interrupt index
 *
 * Returns: the index, borrowed, never NULL; its count is 0 if the device does
 * not have it. Cannot fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_IRQ_INFO in linux/vfio.h.
 */
const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index);

/**
 * lend_device_irq_count() - get the number of interrupt indices of a device
 * @device: device
 *
 * Returns: one more than the highest index that may have interrupts. Cannot
 * fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_INFO in linux/vfio.h.
 */
unsigned int lend_device_irq_count(const struct lend_device *device);

/**
 * lend_irq_set() - signal interrupts through eventfds
 * @device: device
 * @index:  interrupt index
 * @start:  first interrupt, from 0
 * @count:  number of interrupts, at least 1
 * @fds:    an eventfd for each interrupt, or -1 for one that signals none
 *
 * Enables the index if it was disabled. One ioctl. The caller keeps the
 * descriptors and may close them: the kernel holds references of its own. PCI
 * devices have one of INTx, MSI and MSI-X enabled at a time: disable the other
 * first.
 *
 * Returns: 0; a number above 0 if the host has only that many interrupts left,
 * in which case the index is as before, and no more than that can be set; or
 * -EINVAL, LEND_ERROR_ARGUMENT: the index does not have those interrupts;
 * -EINVAL, LEND_ERROR_DEVICE: the index has LEND_IRQ_NORESIZE and is enabled
 * with fewer interrupts, lend_irq_disable() it first; or another index is
 * enabled;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE.
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_set(struct lend_device *device, unsigned int index,
		 unsigned int start, unsigned int count, const int *fds);

/**
 * lend_irq_unmask_fd() - let an eventfd unmask an interrupt
 * @device: device
 * @index:  interrupt index with LEND_IRQ_AUTOMASKED, enabled
 * @start:  interrupt, from 0
 * @fd:     eventfd, such as the resample descriptor of a KVM irqfd; -1 to
 *          remove it
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the index does not have that interrupt;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE.
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_unmask_fd(struct lend_device *device, unsigned int index,
		       unsigned int start, int fd);

/**
 * lend_irq_mask() - mask an interrupt
 * @device: device
 * @index:  interrupt index with LEND_IRQ_MASKABLE
 * @start:  interrupt, from 0
 *
 * If the device still asserts the interrupt when it is unmasked, it is
 * signalled then.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the index does not have that interrupt;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE.
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_mask(struct lend_device *device, unsigned int index,
		  unsigned int start);

/**
 * lend_irq_unmask() - unmask an interrupt
 * @device: device
 * @index:  interrupt index with LEND_IRQ_MASKABLE
 * @start:  interrupt, from 0
 *
 * An interrupt with LEND_IRQ_AUTOMASKED masks itself each time it fires, and
 * stays silent until it is unmasked.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the index does not have that interrupt;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE.
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_unmask(struct lend_device *device, unsigned int index,
		    unsigned int start);

/**
 * lend_irq_trigger() - make an interrupt fire without the device
 * @device: device
 * @index:  interrupt index, enabled
 * @start:  interrupt, from 0
 *
 * Signals the interrupt's eventfd, if it has one. For tests, and for drivers
 * that must run their handler once.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the index does not have that interrupt;
 * -EINVAL, LEND_ERROR_DEVICE: the index is disabled; lend_irq_set() enables it;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE.
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_trigger(struct lend_device *device, unsigned int index,
		     unsigned int start);

/**
 * lend_irq_disable() - disable an interrupt index
 * @device: device
 * @index:  interrupt index
 *
 * Closing the device disables all its indices.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the device does not have the index;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE.
 *
 * Since: 0.1
 */
int lend_irq_disable(struct lend_device *device, unsigned int index);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
