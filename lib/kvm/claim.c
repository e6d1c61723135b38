// SPDX-License-Identifier: MIT
// Guest-physical addresses of a virtual machine: each has one owner.

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/kvm/kvm.h"

void kvm_space_init(struct kvm_space *space)
{
	space->page = (uint64_t)sysconf(_SC_PAGESIZE);
	space->slot_limit = KVM_SLOTS_LEAST;
	pthread_mutex_init(&space->lock, NULL);
}

void kvm_space_destroy(struct kvm_space *space)
{
	free(space->claims);
	free(space->slots);
	pthread_mutex_destroy(&space->lock);
}

/* The claim that overlaps @range, or NULL. */
static const struct kvm_claim *claim_overlapping(const struct kvm_space *space,
						 struct kvm_range range)
{
	for (size_t i = 0; i < space->claim_count; i++)
		if (kvm_range_overlaps(space->claims[i].range, range))
			return &space->claims[i];
	return NULL;
}

bool kvm_page_is_shared(const struct kvm_space *space, struct kvm_range page)
{
	for (size_t i = 0; i < space->claim_count; i++)
		if (space->claims[i].range.base != page.base &&
		    kvm_range_overlaps(space->claims[i].range, page))
			return true;
	return false;
}

static int claim_locked(struct kvm_space *space, const struct kvm_claim *claim,
			const char **other)
{
	const struct kvm_claim *there = claim_overlapping(space, claim->range);

	if (there) {
		if (other)
			*other = there->owner;
		return -EEXIST;
	}
	if (space->claim_count == space->claim_room) {
		size_t room = space->claim_room ? 2 * space->claim_room : 16;
		struct kvm_claim *claims =
			reallocarray(space->claims, room, sizeof(*claims));

		if (!claims)
			return -ENOMEM;
		space->claims = claims;
		space->claim_room = room;
	}
	space->claims[space->claim_count++] = *claim;
	return 0;
}

int lend_kvm_claim(struct lend_kvm *kvm, uint64_t base, uint64_t size,
		   const char *owner, const char **other)
{
	const struct kvm_claim claim = {{base, size}, owner};
	int err;

	if (!kvm_range_valid(claim.range))
		return -EINVAL;
	pthread_mutex_lock(&kvm->space.lock);
	err = claim_locked(&kvm->space, &claim, other);
	if (!err)
		kvm_slots_settle(kvm, claim.range);
	pthread_mutex_unlock(&kvm->space.lock);
	return err;
}

/* The next power of two; 0 when that is 2^64. */
static uint64_t claim_round_up(uint64_t size)
{
	uint64_t power = 1;

	while (power && power < size)
		power <<= 1;
	return power;
}

/* @align is a power of two; less than @at when there is no such address. */
static uint64_t claim_align_up(uint64_t at, uint64_t align)
{
	return (at + align - 1) & ~(align - 1);
}

static int claim_place_locked(struct kvm_space *space, struct kvm_range window,
			      struct kvm_claim *claim)
{
	uint64_t size = claim->range.size, align = claim_round_up(size);
	uint64_t last = window.base + (window.size - 1);
	uint64_t at = claim_align_up(window.base, align);

	uint64_t before = window.base;

	/* Each iteration skips at least one claim; past 2^64 is no room. */
	while (at >= before && at <= last && size - 1 <= last - at) {
		const struct kvm_claim *other;

		claim->range.base = at;
		other = claim_overlapping(space, claim->range);
		if (!other)
			return claim_locked(space, claim, NULL);
		before = at + 1;
		at = claim_align_up(other->range.base + other->range.size,
				    align);
	}
	return -ENOSPC;
}

int lend_kvm_place(struct lend_kvm *kvm, uint64_t window, uint64_t window_size,
		   uint64_t size, const char *owner, uint64_t *base)
{
	struct kvm_claim claim = {{0, size}, owner};
	const struct kvm_range within = {window, window_size};
	int err;

	if (!size || !claim_round_up(size))
		return -EINVAL;
	if (!kvm_range_valid(within))
		return -ENOSPC;
	pthread_mutex_lock(&kvm->space.lock);
	err = claim_place_locked(&kvm->space, within, &claim);
	if (!err)
		kvm_slots_settle(kvm, claim.range);
	pthread_mutex_unlock(&kvm->space.lock);
	if (!err)
		*base = claim.range.base;
	return err;
}

void lend_kvm_release(struct lend_kvm *kvm, uint64_t base)
{
	struct kvm_space *space = &kvm->space;

	pthread_mutex_lock(&space->lock);
	for (size_t i = 0; i < space->claim_count; i++) {
		struct kvm_range gone = space->claims[i].range;

		if (gone.base != base)
			continue;
		space->claims[i] = space->claims[--space->claim_count];
		kvm_slots_settle(kvm, gone);
		break;
	}
	pthread_mutex_unlock(&space->lock);
}
