// SPDX-License-Identifier: MIT
// Memory slots of pages that other claims may share: while they do, KVM does
// not have them.

#include "lib/kvm/kvm.h"

static struct kvm_slot *kvm_slot_at(const struct kvm_space *space, size_t index)
{
	return &space->slots[index - 1];
}

void kvm_lone_add(struct kvm_space *space, size_t index)
{
	struct kvm_slot *slot = kvm_slot_at(space, index);
	struct mapping page = {
		.iova = slot->range.base,
		.size = slot->range.size,
		.offset = index,
	};
	const struct mapping *there =
		ledger_find(&space->lone, page.iova, page.size);

	slot->previous = 0;
	slot->next = there ? (size_t)there->offset : 0;
	if (there) {
		kvm_slot_at(space, slot->next)->previous = index;
		ledger_remove(&space->lone, page.iova);
	}
	ledger_add(&space->lone, &page);
}

void kvm_lone_remove(struct kvm_space *space, size_t index)
{
	struct kvm_slot *slot = kvm_slot_at(space, index);
	const struct mapping page = {
		.iova = slot->range.base,
		.size = slot->range.size,
		.offset = slot->next,
	};

	if (slot->next)
		kvm_slot_at(space, slot->next)->previous = slot->previous;
	if (slot->previous) {
		kvm_slot_at(space, slot->previous)->next = slot->next;
		return;
	}
	ledger_remove(&space->lone, page.iova);
	if (slot->next)
		ledger_add(&space->lone, &page);
}

/* A slot that cannot be restored stays trapped. */
static void kvm_lone_settle_page(struct lend_kvm *kvm,
				 const struct mapping *page)
{
	struct kvm_space *space = &kvm->space;
	bool away = kvm_page_is_shared(
		space, (struct kvm_range){page->iova, page->size});

	for (size_t i = (size_t)page->offset; i;
	     i = kvm_slot_at(space, i)->next) {
		struct kvm_slot *slot = kvm_slot_at(space, i);

		if (away == slot->away)
			continue;
		slot->away = away;
		if (kvm_slot_set(kvm, slot, away ? 0 : slot->range.size))
			slot->away = true;
	}
}

void kvm_lone_settle(struct lend_kvm *kvm, struct kvm_range claim)
{
	const struct ledger *lone = &kvm->space.lone;
	uint64_t last = claim.base + (claim.size - 1);
	const struct mapping *page =
		ledger_overlap(lone, claim.base, claim.size);

	while (page) {
		uint64_t end = page->iova + (page->size - 1);

		kvm_lone_settle_page(kvm, page);
		page = end < last ? ledger_overlap(lone, end + 1, last - end)
				  : NULL;
	}
}
