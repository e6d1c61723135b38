/* SPDX-License-Identifier: MIT */
/* Interrupts of a device, signalled by event descriptors. */
#ifndef LEND_IRQ_H
#define LEND_IRQ_H

#include <stdint.h>

#include <lend/device.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Interrupts can be signalled by eventfd, masked, mask themselves when they
 * fire; their number is fixed while they are on. Since: 0.1 */
#define LEND_IRQ_EVENTFD    (1u << 0)
#define LEND_IRQ_MASKABLE   (1u << 1)
#define LEND_IRQ_AUTOMASKED (1u << 2)
#define LEND_IRQ_NORESIZE   (1u << 3)

/**
 * struct lend_irq - an interrupt index of a device
 * @count: interrupts it has; 0 where the device does not have the index
 * @flags: LEND_IRQ_*
 *
 * Made by the library alone, may grow at its end.
 *
 * Since: 0.1
 */
struct lend_irq {
	unsigned int count;
	uint32_t flags;
};

/** Interrupt indices of PCI devices. Since: 0.1. Source: linux/vfio.h. */
#define LEND_PCI_IRQ_INTX 0
#define LEND_PCI_IRQ_MSI  1
#define LEND_PCI_IRQ_MSIX 2
#define LEND_PCI_IRQ_ERR  3
#define LEND_PCI_IRQ_REQ  4

/**
 * lend_device_irq() - an interrupt index
 * @device: device
 * @index:  interrupt index
 *
 * Returns: the index's properties, borrowed; of count 0 where there is none.
 * Never NULL.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_IRQ_INFO in linux/vfio.h.
 */
const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index);

/**
 * lend_device_irq_count() - number of interrupt indices
 * @device: device
 *
 * Returns: one more than the highest index that may have interrupts. Cannot
 * fail.
 *
 * Since: 0.1. Source: VFIO_DEVICE_GET_INFO in linux/vfio.h.
 */
unsigned int lend_device_irq_count(const struct lend_device *device);

/**
 * lend_irq_set() - let interrupts signal event descriptors
 * @device: device
 * @index:  interrupt index
 * @start:  first interrupt
 * @count:  how many
 * @fds:    an eventfd for each, or -1 for an interrupt that signals none
 *
 * Switches the index on where it was off. One ioctl. The caller keeps the
 * descriptors; the kernel holds references of its own to them.
 *
 * Returns: 0, or
 * a number above 0: the host has but so many interrupts to give, and the index
 * is off as before; ask for no more than that;
 * -EINVAL, LEND_ERROR_ARGUMENT: the index lacks those interrupts;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE, such as -EINVAL for an
 * index with LEND_IRQ_NORESIZE that is on with fewer.
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_set(struct lend_device *device, unsigned int index,
		 unsigned int start, unsigned int count, const int *fds);

/**
 * lend_irq_unmask_fd() - let an event descriptor unmask an interrupt
 * @device: device
 * @index:  interrupt index that is automasked
 * @start:  interrupt
 * @fd:     eventfd, such as KVM's resample descriptor; -1 takes it back
 *
 * Returns: 0, or -errno as lend_irq_set().
 *
 * Since: 0.1
 */
int lend_irq_unmask_fd(struct lend_device *device, unsigned int index,
		       unsigned int start, int fd);

/**
 * lend_irq_mask() - mask an interrupt
 * @device: device
 * @index:  interrupt index, one with LEND_IRQ_MASKABLE
 * @start:  interrupt, from 0
 *
 * What the device still asserts when it is unmasked is signalled then.
 *
 * Returns: 0, or -errno as lend_irq_set().
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_mask(struct lend_device *device, unsigned int index,
		  unsigned int start);

/**
 * lend_irq_unmask() - unmask an interrupt
 * @device: device
 * @index:  interrupt index, one with LEND_IRQ_MASKABLE
 * @start:  interrupt, from 0
 *
 * One with LEND_IRQ_AUTOMASKED masks itself each time it fires, and is silent
 * until this is called.
 *
 * Returns: 0, or -errno as lend_irq_set().
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_unmask(struct lend_device *device, unsigned int index,
		    unsigned int start);

/**
 * lend_irq_trigger() - let an interrupt fire as if the device had raised it
 * @device: device
 * @index:  interrupt index
 * @start:  interrupt
 *
 * Signals the eventfd it has, if any; the device is not asked. For tests, and
 * for drivers that must run their handler once after they missed one.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the index lacks that interrupt;
 * or another -errno of the ioctl, LEND_ERROR_DEVICE, such as -EINVAL for an
 * index that is off: lend_irq_set() switches it on.
 *
 * Since: 0.1. Source: VFIO_DEVICE_SET_IRQS in linux/vfio.h.
 */
int lend_irq_trigger(struct lend_device *device, unsigned int index,
		     unsigned int start);

/**
 * lend_irq_disable() - switch an interrupt index off
 * @device: device
 * @index:  interrupt index
 *
 * The device then has no interrupt of that kind until lend_irq_set(). What
 * is on when the device is closed is switched off then.
 *
 * Returns: 0, or -errno as lend_irq_set().
 *
 * Since: 0.1
 */
int lend_irq_disable(struct lend_device *device, unsigned int index);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
