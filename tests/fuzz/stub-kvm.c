// SPDX-License-Identifier: MIT
// A stub KVM for fuzz targets, which refuses what KVM refuses.

#include <errno.h>
#include <linux/kvm.h>

#include <lend/kvm.h>

#include "stub-kvm.h"

static bool stub_slots_overlap(const struct stub_kvm *kvm,
			       const struct kvm_userspace_memory_region *new)
{
	for (unsigned int i = 0; i < STUB_SLOTS; i++)
		if (i != new->slot &&
		    kvm->slots[i].size &&new->guest_phys_addr <
			    kvm->slots[i].base + kvm->slots[i].size &&
		    kvm->slots[i].base <
			    new->guest_phys_addr + new->memory_size)
			return true;
	return false;
}

/* KVM removes a slot whatever happens. */
static int stub_slot_set(struct stub_kvm *kvm,
			 const struct kvm_userspace_memory_region *new)
{
	if (new->slot >= STUB_SLOTS)
		return -EINVAL;
	if (!new->memory_size) {
		if (!kvm->slots[new->slot].size)
			stub_never("a memory slot removed twice");
		kvm->slots[new->slot].size = 0;
		return 0;
	}
	if (stub_faults_next(kvm->stub, STUB_KVM))
		return -ENOMEM;
	if (new->memory_size % 4096 || new->guest_phys_addr % 4096)
		stub_never("a memory slot that is no whole pages");
	if (stub_slots_overlap(kvm, new))
		stub_never("memory slots that overlap");
	kvm->slots[new->slot].base = new->guest_phys_addr;
	kvm->slots[new->slot].size = new->memory_size;
	return 0;
}

static int stub_irqfd_find(const struct stub_kvm *kvm, int fd)
{
	for (int i = 0; i < STUB_IRQFDS; i++)
		if (kvm->irqfds[i].fd == fd)
			return i;
	return -1;
}

static int stub_irqfd_set(struct stub_kvm *kvm, const struct kvm_irqfd *new)
{
	bool ends = new->flags &KVM_IRQFD_FLAG_DEASSIGN;
	int at = stub_irqfd_find(kvm, (int)new->fd);

	/* KVM accepts the removal of one that it does not have. */
	if (ends) {
		if (at >= 0 && kvm->irqfds[at].gsi == new->gsi)
			kvm->irqfds[at].fd = -1;
		return 0;
	}
	if (at >= 0)
		stub_never("an eventfd wired twice");
	if (stub_faults_next(kvm->stub, STUB_KVM))
		return -EINVAL;
	at = stub_irqfd_find(kvm, -1);
	if (at < 0)
		return -ENOMEM;
	kvm->irqfds[at].fd = (int)new->fd;
	kvm->irqfds[at].gsi = new->gsi;
	return 0;
}

static int stub_routes_set(struct stub_kvm *kvm,
			   const struct kvm_irq_routing *routing)
{
	uint8_t seen[LEND_KVM_GSIS] = {0};

	for (unsigned int i = 0; i < routing->nr; i++) {
		const struct kvm_irq_routing_entry *e = &routing->entries[i];

		if (e->gsi >= LEND_KVM_GSIS)
			stub_never("a route beyond KVM's");
		if (e->type == KVM_IRQ_ROUTING_MSI && seen[e->gsi]++)
			stub_never("two messages with one number");
	}
	return stub_faults_next(kvm->stub, STUB_KVM) ? -ENOMEM : 0;
}

static int stub_kvm_do(struct stub_kvm *kvm, unsigned long request,
		       void *argument)
{
	int err;

	switch (request) {
	case KVM_SET_USER_MEMORY_REGION:
		return stub_slot_set(kvm, argument);
	case KVM_IRQFD:
		return stub_irqfd_set(kvm, argument);
	case KVM_SET_GSI_ROUTING:
		return stub_routes_set(kvm, argument);
	}
	err = stub_faults_next(kvm->stub, STUB_KVM);
	if (!err && request == KVM_CREATE_DEVICE)
		((struct kvm_create_device *)argument)->fd = STUB_VFIO_DEV;
	return -err;
}

int stub_kvm_ioctl(struct stub_kvm *kvm, unsigned long request, void *argument)
{
	int result;

	pthread_mutex_lock(&kvm->lock);
	result = stub_kvm_do(kvm, request, argument);
	pthread_mutex_unlock(&kvm->lock);
	return result;
}

void stub_kvm_open(struct stub_kvm *kvm, struct stub *stub)
{
	memset(kvm, 0, sizeof(*kvm));
	kvm->stub = stub;
	pthread_mutex_init(&kvm->lock, NULL);
	for (unsigned int i = 0; i < STUB_IRQFDS; i++)
		kvm->irqfds[i].fd = -1;
}

void stub_kvm_close(struct stub_kvm *kvm)
{
	for (unsigned int i = 0; i < STUB_SLOTS; i++)
		if (kvm->slots[i].size)
			stub_never("a memory slot left over");
	for (unsigned int i = 0; i < STUB_IRQFDS; i++)
		if (kvm->irqfds[i].fd >= 0)
			stub_never("an irqfd left over");
	pthread_mutex_destroy(&kvm->lock);
}
