/* SPDX-License-Identifier: MIT */
/* KVM as devices in the machine see it: a table of the calls that it received,
 * some of which a test makes fail. */
#ifndef TESTS_UNIT_VMM_ASSIGN_KVM_H
#define TESTS_UNIT_VMM_ASSIGN_KVM_H

#include <stdbool.h>
#include <linux/kvm.h>

#define VM_FD  1000 /* no descriptor: every ioctl of it ends in the table */
#define IRQFDS 16
#define LINES  256

extern struct kvm {
	unsigned int calls;
	unsigned int irqfds, routings, messages, slots; /* that were set */
	struct kvm_irqfd irqfd[IRQFDS];                 /* the first ones */
	struct kvm_irqfd last;
	struct kvm_irq_routing_entry route; /* the last one of the table */
	struct kvm_msi message;
	struct kvm_userspace_memory_region slot;
	bool lines[LINES];  /* by the last byte of their number */
	unsigned int rises; /* of any */
	unsigned long fail; /* this request */
	int err;
	bool no_resample; /* KVM refuses resample eventfds */
} kvm;

#endif
