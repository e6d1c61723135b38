/* SPDX-License-Identifier: MIT */
/* Interrupts of a device for those who act for a guest: what it can make fail
 * at will leaves no record. */
#ifndef LIB_DEVICE_IRQ_H
#define LIB_DEVICE_IRQ_H

#include <lend/irq.h>

/* As lend_irq_set(), lend_irq_unmask_fd() and lend_irq_disable(). */
int device_irq_set(struct lend_device *device, unsigned int index,
		   unsigned int start, unsigned int count, const int *fds);
int device_irq_unmask_fd(struct lend_device *device, unsigned int index,
			 unsigned int start, int fd);
int device_irq_disable(struct lend_device *device, unsigned int index);

#endif
