/* SPDX-License-Identifier: MIT */
/* A scripted virtual machine of KVM: its memory slots, irqfds and routes, with
 * what KVM refuses. */
#ifndef FAKE_KVM_H
#define FAKE_KVM_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/kvm.h>

#include <lend/kvm.h>

#define FAKE_SLOTS  1024
#define FAKE_IRQFDS 1024

struct fake_kvm {
	struct kvm_userspace_memory_region slots[FAKE_SLOTS]; /* by number */
	struct kvm_irqfd irqfds[FAKE_IRQFDS];                 /* fd 0: free */
	struct kvm_irq_routing_entry routes[LEND_KVM_GSIS];
	unsigned int route_count;
	unsigned int files; /* registered with its VFIO device */
	const char *misuse; /* what no caller should do, or NULL */
};

/* An ioctl of the virtual machine or its VFIO device. Returns 0 or -errno. */
int fake_kvm_ioctl(struct fake_kvm *vm, unsigned long request, void *argument);

/* Whether the ioctl removes what another added. */
bool fake_kvm_undoes(unsigned long request, const void *argument);

/* How many slots are mapped; irqfds, and the one of a descriptor or NULL. */
unsigned int fake_kvm_slots(const struct fake_kvm *vm);
unsigned int fake_kvm_irqfds(const struct fake_kvm *vm);
const struct kvm_irqfd *fake_kvm_irqfd(const struct fake_kvm *vm, int fd);

/* The route of a GSI, or NULL. */
const struct kvm_irq_routing_entry *fake_kvm_route(const struct fake_kvm *vm,
						   unsigned int gsi);

#endif
