// SPDX-License-Identifier: MIT
// Memory slots of a virtual machine: what the guest reaches without an exit.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/kvm/kvm.h"

int kvm_slot_set(const struct lend_kvm *kvm, const struct kvm_slot *slot,
		 uint64_t size)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot->number,
		.flags = slot->read_only ? KVM_MEM_READONLY : 0,
		.guest_phys_addr = slot->range.base,
		.memory_size = size,
		.userspace_addr = (uintptr_t)slot->host,
	};
	int err = kvm_vm_ioctl(kvm, KVM_SET_USER_MEMORY_REGION, &region);

	return err < 0 ? err : 0;
}

/* A machine with few devices never asks. */
static bool kvm_slot_is_left(struct lend_kvm *kvm)
{
	struct kvm_space *space = &kvm->space;
	int limit;

	if (space->slot_count == KVM_SLOTS_LEAST) {
		limit = kvm_vm_ioctl(
			kvm, KVM_CHECK_EXTENSION,
			(void *)(uintptr_t)KVM_CAP_NR_MEMSLOTS); // NOLINT
		if (limit > KVM_SLOTS_LEAST)
			space->slot_limit = (size_t)limit;
	}
	return space->slot_count < space->slot_limit;
}

/* The index of a slot, from 1; 0 if the number is of none. */
static size_t kvm_slot_index(const struct lend_kvm *kvm, int number)
{
	const struct kvm_space *space = &kvm->space;
	const struct mapping *entry;

	if (number < 0)
		return 0;
	if (!kvm->slot)
		return (size_t)number < space->slot_count ? (size_t)number + 1
							  : 0;
	entry = ledger_overlap(&space->numbers, (uint64_t)number, 1);
	return entry ? (size_t)entry->offset : 0;
}

/* A number that the machine lends, and that is not one of those here. */
static int kvm_slot_number(struct lend_kvm *kvm)
{
	struct kvm_space *space = &kvm->space;
	int number;

	if (!kvm->slot)
		return kvm_slot_is_left(kvm) ? (int)space->slot_count : -ENOSPC;
	if (ledger_reserve(&space->numbers))
		return -ENOMEM;
	number = kvm->slot(kvm->opaque);
	if (number < 0)
		return number;
	if (kvm_slot_index(kvm, number))
		return -EINVAL;
	ledger_add(&space->numbers, &(struct mapping){
					    .iova = (uint64_t)number,
					    .size = 1,
					    .offset = space->slot_count + 1,
				    });
	return number;
}

static int kvm_slot_add(struct lend_kvm *kvm)
{
	struct kvm_space *space = &kvm->space;
	int number;

	if (space->slot_count == space->slot_room) {
		size_t room = space->slot_room ? 2 * space->slot_room : 16;
		struct kvm_slot *slots =
			reallocarray(space->slots, room, sizeof(*slots));

		if (!slots)
			return -ENOMEM;
		space->slots = slots;
		space->slot_room = room;
	}
	number = kvm_slot_number(kvm);
	if (number < 0)
		return number;
	space->slots[space->slot_count++] = (struct kvm_slot){
		.number = (unsigned int)number,
		.next = space->spare,
	};
	space->spare = space->slot_count;
	return 0;
}

/* A slot is taken when KVM has taken it. */
static int kvm_slot_map(struct lend_kvm *kvm, struct kvm_slot *wanted)
{
	struct kvm_space *space = &kvm->space;
	size_t index;
	int err = 0;

	if (wanted->lone && ledger_reserve(&space->lone))
		return -ENOMEM;
	if (!space->spare)
		err = kvm_slot_add(kvm);
	if (err)
		return err;
	index = space->spare;
	wanted->number = space->slots[index - 1].number;
	wanted->away = wanted->lone && kvm_page_is_shared(space, wanted->range);
	err = wanted->away ? 0 : kvm_slot_set(kvm, wanted, wanted->range.size);
	if (err)
		return err;
	space->spare = space->slots[index - 1].next;
	space->slots[index - 1] = *wanted;
	if (wanted->lone)
		kvm_lone_add(space, index);
	return (int)wanted->number;
}

/* Once, as a guest can cause it again and again. */
static void kvm_slot_log_refusal(struct lend_kvm *kvm, int err)
{
	struct kvm_space *space = &kvm->space;

	if (space->slot_refused)
		return;
	space->slot_refused = true;
	if (err == -ENOSPC)
		lend_log(kvm->ctx, LEND_LOG_WARNING,
			 "all %zu memory slots of KVM are in use: the guest's "
			 "accesses to further memory trap, which is slower",
			 space->slot_count);
	else
		lend_log(kvm->ctx, LEND_LOG_WARNING,
			 "KVM refuses a memory slot: %s: the guest's accesses "
			 "to that memory trap, which is slower",
			 strerror(-err));
}

int lend_kvm_map(struct lend_kvm *kvm, uint64_t base, uint64_t size,
		 const void *host, unsigned int flags)
{
	struct kvm_slot wanted = {
		.range = {base, size},
		.host = host,
		.read_only = flags & LEND_KVM_READ_ONLY,
		.lone = flags & LEND_KVM_LONE,
	};
	uint64_t within = kvm->space.page - 1;
	int slot;

	if (flags & ~(LEND_KVM_READ_ONLY | LEND_KVM_LONE) ||
	    !kvm_range_valid(wanted.range) ||
	    ((base | size | (uintptr_t)host) & within) ||
	    (wanted.lone && size != within + 1))
		return -EINVAL;
	pthread_mutex_lock(&kvm->space.lock);
	slot = kvm_slot_map(kvm, &wanted);
	if (slot < 0)
		kvm_slot_log_refusal(kvm, slot);
	pthread_mutex_unlock(&kvm->space.lock);
	return slot;
}

void lend_kvm_unmap(struct lend_kvm *kvm, int slot)
{
	struct kvm_space *space = &kvm->space;
	struct kvm_slot *s;
	size_t index;

	pthread_mutex_lock(&space->lock);
	index = kvm_slot_index(kvm, slot);
	s = index ? &space->slots[index - 1] : NULL;
	if (s && s->range.size) {
		if (!s->away)
			kvm_slot_set(kvm, s, 0);
		if (s->lone)
			kvm_lone_remove(space, index);
		*s = (struct kvm_slot){
			.number = s->number,
			.next = space->spare,
		};
		space->spare = index;
	}
	pthread_mutex_unlock(&space->lock);
}
