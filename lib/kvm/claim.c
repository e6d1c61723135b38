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
	ledger_free(&space->claims);
	ledger_free(&space->numbers);
	ledger_free(&space->lone);
	free(space->slots);
	pthread_mutex_destroy(&space->lock);
}

bool kvm_page_is_shared(const struct kvm_space *space, struct kvm_range page)
{
	const struct mapping *first =
		ledger_overlap(&space->claims, page.base, page.size);

	return first && (first->iova != page.base ||
			 first != ledger_overlap_last(&space->claims, page.base,
						      page.size));
}

static int claim_locked(struct lend_kvm *kvm, const struct mapping *claim,
			const char **other)
{
	struct ledger *claims = &kvm->space.claims;
	const struct mapping *there =
		ledger_overlap(claims, claim->iova, claim->size);

	if (there) {
		if (other)
			*other = there->owner;
		return -EEXIST;
	}
	if (ledger_reserve(claims))
		return -ENOMEM;
	ledger_add(claims, claim);
	kvm_lone_settle(kvm, (struct kvm_range){claim->iova, claim->size});
	return 0;
}

int lend_kvm_claim(struct lend_kvm *kvm, uint64_t base, uint64_t size,
		   const char *owner, const char **other)
{
	const struct mapping claim = {
		.iova = base,
		.size = size,
		.owner = owner,
	};
	int err;

	if (!kvm_range_valid((struct kvm_range){base, size}))
		return -EINVAL;
	pthread_mutex_lock(&kvm->space.lock);
	err = claim_locked(kvm, &claim, other);
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

int lend_kvm_place(struct lend_kvm *kvm, uint64_t window, uint64_t window_size,
		   uint64_t size, const char *owner, uint64_t *base)
{
	const struct ledger_wish wish = {
		.size = size,
		.first = window,
		.last = window + (window_size - 1),
		.align = claim_round_up(size),
	};
	struct mapping claim = {.size = size, .owner = owner};
	int err = -ENOSPC;

	if (!size || !wish.align)
		return -EINVAL;
	if (!kvm_range_valid((struct kvm_range){window, window_size}))
		return -ENOSPC;
	pthread_mutex_lock(&kvm->space.lock);
	if (ledger_place(&kvm->space.claims, &wish, &claim.iova))
		err = claim_locked(kvm, &claim, NULL);
	pthread_mutex_unlock(&kvm->space.lock);
	if (!err)
		*base = claim.iova;
	return err;
}

void lend_kvm_release(struct lend_kvm *kvm, uint64_t base)
{
	struct ledger *claims = &kvm->space.claims;
	const struct mapping *claim;
	struct kvm_range gone;

	pthread_mutex_lock(&kvm->space.lock);
	claim = ledger_overlap(claims, base, 1);
	if (claim && claim->iova == base) {
		gone = (struct kvm_range){base, claim->size};
		ledger_remove(claims, base);
		kvm_lone_settle(kvm, gone);
	}
	pthread_mutex_unlock(&kvm->space.lock);
}
