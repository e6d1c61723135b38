// SPDX-License-Identifier: MIT
// Memory slots of a virtual machine: what the guest reaches without an exit.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/kvm/kvm.h"

static int kvm_slot_set(const struct lend_kvm *kvm, const struct kvm_slot *slot,
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

/* A slot that cannot be restored stays trapped. */
void kvm_slots_settle(struct lend_kvm *kvm, struct kvm_range claim)
{
	struct kvm_space *space = &kvm->space;

	for (size_t i = 0; space->lone && i < space->slot_count; i++) {
		struct kvm_slot *slot = &space->slots[i];
		bool away;

		if (!slot->lone || !kvm_range_overlaps(slot->range, claim))
			continue;
		away = kvm_page_is_shared(space, slot->range);
		if (away == slot->away)
			continue;
		if (kvm_slot_set(kvm, slot, away ? 0 : slot->range.size))
			away = true;
		slot->away = away;
	}
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

/* A number that the machine lends, and that is not one of those here. */
static int kvm_slot_number(struct lend_kvm *kvm)
{
	struct kvm_space *space = &kvm->space;
	int number;

	if (!kvm->slot)
		return kvm_slot_is_left(kvm) ? (int)space->slot_count : -ENOSPC;
	number = kvm->slot(kvm->opaque);
	for (size_t i = 0; number >= 0 && i < space->slot_count; i++)
		if (space->slots[i].number == (unsigned int)number)
			return -EINVAL;
	return number;
}

static int kvm_slot_add(struct lend_kvm *kvm, struct kvm_slot **slot)
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
	*slot = &space->slots[space->slot_count++];
	**slot = (struct kvm_slot){.number = (unsigned int)number};
	return 0;
}

static int kvm_slot_take(struct lend_kvm *kvm, struct kvm_slot **slot)
{
	struct kvm_space *space = &kvm->space;

	for (size_t i = 0; i < space->slot_count; i++) {
		*slot = &space->slots[i];
		if (!(*slot)->range.size)
			return 0;
	}
	return kvm_slot_add(kvm, slot);
}

static int kvm_slot_map(struct lend_kvm *kvm, struct kvm_slot *new)
{
	struct kvm_slot *slot;
	int err = kvm_slot_take(kvm, &slot);

	if (err)
		return err;
	new->number = slot->number;
	new->away = new->lone &&kvm_page_is_shared(&kvm->space, new->range);
	err = new->away ? 0 : kvm_slot_set(kvm, new, new->range.size);
	if (err)
		return err;
	*slot = *new;
	kvm->space.lone += new->lone;
	return (int)new->number;
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
	struct kvm_slot new = {
		.range = {base, size},
		.host = host,
		.read_only = flags & LEND_KVM_READ_ONLY,
		.lone = flags & LEND_KVM_LONE,
	};
	uint64_t within = kvm->space.page - 1;
	int slot;

	if (flags & ~(LEND_KVM_READ_ONLY | LEND_KVM_LONE) ||
	    !kvm_range_valid(new.range) ||
	    ((base | size | (uintptr_t)host) & within) ||
	    (new.lone &&size != within + 1))
		return -EINVAL;
	pthread_mutex_lock(&kvm->space.lock);
	slot = kvm_slot_map(kvm, &new);
	if (slot < 0)
		kvm_slot_log_refusal(kvm, slot);
	pthread_mutex_unlock(&kvm->space.lock);
	return slot;
}

void lend_kvm_unmap(struct lend_kvm *kvm, int slot)
{
	struct kvm_space *space = &kvm->space;

	pthread_mutex_lock(&space->lock);
	for (size_t i = 0; slot >= 0 && i < space->slot_count; i++) {
		struct kvm_slot *s = &space->slots[i];

		if (s->number != (unsigned int)slot || !s->range.size)
			continue;
		if (!s->away)
			kvm_slot_set(kvm, s, 0);
		space->lone -= s->lone;
		*s = (struct kvm_slot){.number = s->number};
	}
	pthread_mutex_unlock(&space->lock);
}
