/* SPDX-License-Identifier: MIT */
/* Interrupts of a device on a guest's behalf: failures leave no record, since a
 * guest can provoke them at will. */
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
