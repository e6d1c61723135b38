// SPDX-License-Identifier: MIT
// A scripted virtual machine: what KVM keeps, as tables.

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "fake/kvm.h"

static int fake_kvm_set_slot(struct fake_kvm *vm,
			     const struct kvm_userspace_memory_region *region)
{
	uint64_t last = region->guest_phys_addr + (region->memory_size - 1);

	if (region->slot >= FAKE_SLOTS)
		return -EINVAL;
	for (unsigned int i = 0; region->memory_size && i < FAKE_SLOTS; i++) {
		const struct kvm_userspace_memory_region *other = &vm->slots[i];

		if (i != region->slot && other->memory_size &&
		    other->guest_phys_addr <= last &&
		    region->guest_phys_addr <=
			    other->guest_phys_addr + (other->memory_size - 1))
			return -EEXIST;
	}
	vm->slots[region->slot] = *region;
	return 0;
}

static int fake_kvm_set_routes(struct fake_kvm *vm,
			       const struct kvm_irq_routing *routing)
{
	if (routing->nr > LEND_KVM_GSIS)
		return -EINVAL;
	for (unsigned int i = 0; i < routing->nr; i++)
		if (routing->entries[i].gsi >= LEND_KVM_GSIS)
			return -EINVAL;
	vm->route_count = routing->nr;
	memcpy(vm->routes, routing->entries,
	       routing->nr * sizeof(vm->routes[0]));
	return 0;
}

static int fake_kvm_set_irqfd(struct fake_kvm *vm,
			      const struct kvm_irqfd *irqfd)
{
	bool add = !(irqfd->flags & KVM_IRQFD_FLAG_DEASSIGN);
	struct kvm_irqfd *place = NULL;

	for (unsigned int i = 0; i < FAKE_IRQFDS; i++) {
		struct kvm_irqfd *there = &vm->irqfds[i];

		if (there->fd == irqfd->fd) {
			if (add)
				return -EBUSY;
			if (there->gsi != irqfd->gsi)
				vm->misuse = "an irqfd is removed by a GSI "
					     "that is not its own";
			place = there;
			break;
		}
		if (add && !place && !there->fd)
			place = there;
	}
	if (!place) {
		vm->misuse = add ? "there are too many irqfds"
				 : "an irqfd is removed that does not exist";
		return -EINVAL;
	}
	*place = add ? *irqfd : (struct kvm_irqfd){0};
	return 0;
}

static int fake_kvm_set_file(struct fake_kvm *vm,
			     const struct kvm_device_attr *attr)
{
	bool add = attr->attr == KVM_DEV_VFIO_GROUP_ADD;

	if (attr->group != KVM_DEV_VFIO_GROUP)
		return -ENXIO;
	if (!add && !vm->files)
		return -ENOENT;
	vm->files += add ? 1 : -1u;
	return 0;
}

int fake_kvm_ioctl(struct fake_kvm *vm, unsigned long request, void *argument)
{
	switch (request) {
	case KVM_SET_USER_MEMORY_REGION:
		return fake_kvm_set_slot(vm, argument);
	case KVM_CHECK_EXTENSION:
		return (uintptr_t)argument == KVM_CAP_NR_MEMSLOTS ? FAKE_SLOTS
								  : 0;
	case KVM_SET_GSI_ROUTING:
		return fake_kvm_set_routes(vm, argument);
	case KVM_IRQFD:
		return fake_kvm_set_irqfd(vm, argument);
	case KVM_SET_DEVICE_ATTR:
		return fake_kvm_set_file(vm, argument);
	}
	return -ENOTTY;
}

bool fake_kvm_undoes(unsigned long request, const void *argument)
{
	const struct kvm_userspace_memory_region *region = argument;
	const struct kvm_device_attr *attr = argument;
	const struct kvm_irqfd *irqfd = argument;

	switch (request) {
	case KVM_SET_USER_MEMORY_REGION:
		return !region->memory_size;
	case KVM_IRQFD:
		return irqfd->flags & KVM_IRQFD_FLAG_DEASSIGN;
	case KVM_SET_DEVICE_ATTR:
		return attr->attr == KVM_DEV_VFIO_GROUP_DEL;
	}
	return false;
}

unsigned int fake_kvm_slots(const struct fake_kvm *vm)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < FAKE_SLOTS; i++)
		count += vm->slots[i].memory_size != 0;
	return count;
}

unsigned int fake_kvm_irqfds(const struct fake_kvm *vm)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < FAKE_IRQFDS; i++)
		count += vm->irqfds[i].fd != 0;
	return count;
}

const struct kvm_irqfd *fake_kvm_irqfd(const struct fake_kvm *vm, int fd)
{
	for (unsigned int i = 0; fd > 0 && i < FAKE_IRQFDS; i++)
		if (vm->irqfds[i].fd == (__u32)fd)
			return &vm->irqfds[i];
	return NULL;
}

const struct kvm_irq_routing_entry *fake_kvm_route(const struct fake_kvm *vm,
						   unsigned int gsi)
{
	for (unsigned int i = 0; i < vm->route_count; i++)
		if (vm->routes[i].gsi == gsi)
			return &vm->routes[i];
	return NULL;
}
