/* SPDX-License-Identifier: MIT */
/* KVM as devices in the machine see it: a table of what it was told, which
 * refuses what a test wants refused. */
#ifndef TEST_KVM_H
#define TEST_KVM_H

#include <linux/kvm.h>

#define VM_FD  1000 /* no descriptor: every ioctl of it ends in the table */
#define IRQFDS 16

extern struct kvm {
	unsigned int calls;
	unsigned int irqfds, routings, messages, slots; /* that were set */
	struct kvm_irqfd irqfd[IRQFDS];                 /* the first ones */
	struct kvm_irqfd last;
	struct kvm_irq_routing_entry route; /* the last one of the table */
	struct kvm_msi message;
	struct kvm_userspace_memory_region slot;
	unsigned long fail; /* this request */
	int error;
} kvm;

#endif
