/* SPDX-License-Identifier: MIT */
/* Guest interrupts that the machine raises itself: lines and messages. */
#ifndef VMM_IRQ_IRQ_H
#define VMM_IRQ_IRQ_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/kvm.h>

#include "arch-map.h"

/* Most routes of messages, beside those of the lines. */
#define IRQ_MAX_MSI (LEND_KVM_GSIS - IRQ_FIXED)

struct irq_msi {
	uint64_t address;
	uint32_t data;
	/*
	 * Bus, slot and function of the sender, for interrupt controllers that
	 * use a device ID.
	 */
	uint32_t requester;
};

/* Zeroed but for the first two, no line is taken. */
struct irq {
	struct lend_kvm *kvm;     /* borrowed */
	int vm_fd;                /* borrowed from struct vm */
	unsigned int lines_taken; /* of IRQ_PLATFORM_COUNT */
};

/*
 * Take @count lines that no PCI device uses, for the life of this @irq. Returns
 * the GSI of the first, the others follow; -ENOSPC if too few are left. On x86
 * there are none.
 */
int irq_line_take(struct irq *irq, unsigned int count);

/* Drive a line of an emulated device. One ioctl; ignores errors. */
void irq_line_set(struct irq *irq, unsigned int gsi, bool level);

/* Deliver one message now, without a route. One ioctl. Returns 0 or KVM's
 * -errno; guests trigger it, so it records nothing. */
int irq_msi_send(struct irq *irq, const struct irq_msi *message);

#endif
