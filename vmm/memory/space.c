// SPDX-License-Identifier: MIT
// Guest physical address space: the owners of ranges, and KVM's memory slots.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "vmm/memory/space.h"

void space_init(struct space *space, int vm_fd)
{
	*space = (struct space){
		.vm_fd = vm_fd,
		.page = (uint64_t)sysconf(_SC_PAGESIZE),
	};
	pthread_mutex_init(&space->lock, NULL);
}

void space_destroy(struct space *space)
{
	free(space->claims);
	pthread_mutex_destroy(&space->lock);
	*space = (struct space){.vm_fd = -1};
}

/* The claim that overlaps @range, or NULL. */
static const struct space_claim *claim_overlapping(const struct space *space,
						   struct range range)
{
	for (size_t i = 0; i < space->count; i++)
		if (range_overlaps(space->claims[i].range, range))
			return &space->claims[i];
	return NULL;
}

static int claim_locked(struct space *space, const struct space_claim *claim,
			const char **other)
{
	const struct space_claim *there =
		claim_overlapping(space, claim->range);

	if (there) {
		if (other)
			*other = there->owner;
		return -EEXIST;
	}
	if (space->count == space->capacity) {
		size_t capacity = space->capacity ? 2 * space->capacity : 16;
		struct space_claim *claims =
			reallocarray(space->claims, capacity, sizeof(*claims));

		if (!claims)
			return -ENOMEM;
		space->claims = claims;
		space->capacity = capacity;
	}
	space->claims[space->count++] = *claim;
	return 0;
}

static int set_slot(struct space *space, unsigned int slot, uint64_t size)
{
	struct kvm_userspace_memory_region region = {
		.slot = slot,
		.flags = space->slots[slot].rom ? KVM_MEM_READONLY : 0,
		.guest_phys_addr = space->slots[slot].range.base,
		.memory_size = size,
		.userspace_addr = (uintptr_t)space->slots[slot].host,
	};

	if (ioctl(space->vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return -errno;
	return 0;
}

/* Whether other claims overlap the page that a claim starts. */
static bool page_is_shared(const struct space *space, struct range page)
{
	for (size_t i = 0; i < space->count; i++)
		if (space->claims[i].range.base != page.base &&
		    range_overlaps(space->claims[i].range, page))
			return true;
	return false;
}

/*
 * Remove or restore the lone slots that a claim overlaps, when the claim is
 * made or released. A slot that cannot be restored stays trapped.
 */
static void settle_lone(struct space *space, struct range claim)
{
	for (unsigned int i = 0; space->lone && i < SPACE_MAX_SLOTS; i++) {
		struct space_slot *slot = &space->slots[i];
		bool away;

		if (!slot->lone || !range_overlaps(slot->range, claim))
			continue;
		away = page_is_shared(space, slot->range);
		if (away == slot->away)
			continue;
		if (set_slot(space, i, away ? 0 : slot->range.size))
			away = true;
		slot->away = away;
	}
}

int space_claim(struct space *space, struct range range, const char *owner,
		const char **other)
{
	struct space_claim claim = {range, owner};
	int err;

	if (!range_valid(range))
		return -EINVAL;
	pthread_mutex_lock(&space->lock);
	err = claim_locked(space, &claim, other);
	if (!err)
		settle_lone(space, range);
	pthread_mutex_unlock(&space->lock);
	return err;
}

static int place_locked(struct space *space, struct range window,
			struct space_claim *claim)
{
	uint64_t size = claim->range.size;
	uint64_t align = range_round_up(size), end = window.base + window.size;
	uint64_t at = range_align_up(window.base, align);
	const struct space_claim *other;

	/* Each iteration skips at least one claim. */
	while (at >= window.base && at <= end && size <= end - at) {
		claim->range.base = at;
		other = claim_overlapping(space, claim->range);
		if (!other)
			return claim_locked(space, claim, NULL);
		at = range_align_up(other->range.base + other->range.size,
				    align);
	}
	return -ENOSPC;
}

int space_place(struct space *space, struct range window, uint64_t size,
		const char *owner, uint64_t *base)
{
	struct space_claim claim = {{0, size}, owner};
	int err;

	if (!size || !range_round_up(size))
		return -EINVAL;
	if (!range_valid(window) || window.base + window.size < window.base)
		return -ENOSPC;
	pthread_mutex_lock(&space->lock);
	err = place_locked(space, window, &claim);
	pthread_mutex_unlock(&space->lock);
	if (!err)
		*base = claim.range.base;
	return err;
}

void space_release(struct space *space, uint64_t base)
{
	pthread_mutex_lock(&space->lock);
	for (size_t i = 0; i < space->count; i++) {
		struct range gone = space->claims[i].range;

		if (gone.base != base)
			continue;
		space->claims[i] = space->claims[--space->count];
		settle_lone(space, gone);
		break;
	}
	pthread_mutex_unlock(&space->lock);
}

static int slot_map_locked(struct space *space, const struct space_slot *new)
{
	for (unsigned int i = 0; i < SPACE_MAX_SLOTS; i++) {
		int err;

		if (space->slots[i].range.size)
			continue;
		space->slots[i] = *new;
		err = new->away ? 0 : set_slot(space, i, new->range.size);
		if (err) {
			space->slots[i] = (struct space_slot){};
			return err;
		}
		space->lone += new->lone;
		return (int)i;
	}
	return -ENOSPC;
}

static int slot_map(struct space *space, const struct space_slot *wanted)
{
	struct range range = wanted->range;
	uintptr_t host = (uintptr_t)wanted->host;
	int slot;

	if (!range_valid(range) ||
	    ((range.base | range.size | host) & (space->page - 1)))
		return -EINVAL;
	pthread_mutex_lock(&space->lock);
	slot = slot_map_locked(space, wanted);
	pthread_mutex_unlock(&space->lock);
	return slot;
}

int space_map(struct space *space, struct range range, void *host)
{
	const struct space_slot new = {.range = range, .host = host};

	return slot_map(space, &new);
}

int space_map_rom(struct space *space, struct range range, const void *host)
{
	const struct space_slot new = {
		.range = range,
		.host = host,
		.rom = true,
	};

	return slot_map(space, &new);
}

int space_map_lone(struct space *space, uint64_t base, void *host)
{
	struct space_slot new = {
		.range = {base, space->page},
		.host = host,
		.lone = true,
	};
	int slot;

	if (!range_valid(new.range) ||
	    ((base | (uintptr_t)host) & (space->page - 1)))
		return -EINVAL;
	pthread_mutex_lock(&space->lock);
	new.away = page_is_shared(space, new.range);
	slot = slot_map_locked(space, &new);
	pthread_mutex_unlock(&space->lock);
	return slot;
}

void space_unmap(struct space *space, int slot)
{
	if (slot < 0 || slot >= SPACE_MAX_SLOTS)
		return;
	pthread_mutex_lock(&space->lock);
	if (space->slots[slot].range.size) {
		if (!space->slots[slot].away)
			set_slot(space, (unsigned int)slot, 0);
		space->lone -= space->slots[slot].lone;
		space->slots[slot] = (struct space_slot){};
	}
	pthread_mutex_unlock(&space->lock);
}
