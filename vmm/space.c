// SPDX-License-Identifier: MIT
// Guest physical address space: who owns which range, and KVM's memory slots.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "space.h"

#define PAGE_MASK_4K UINT64_C(0xfff)

void space_init(struct space *space, int vm_fd)
{
	*space = (struct space){.vm_fd = vm_fd};
	pthread_mutex_init(&space->lock, NULL);
}

void space_destroy(struct space *space)
{
	free(space->claims);
	pthread_mutex_destroy(&space->lock);
	*space = (struct space){.vm_fd = -1};
}

static int claim_locked(struct space *space, const struct space_claim *claim,
			const char **other)
{
	for (size_t i = 0; i < space->count; i++) {
		if (!range_overlaps(space->claims[i].range, claim->range))
			continue;
		if (other)
			*other = space->claims[i].owner;
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

int space_claim(struct space *space, struct range range, const char *owner,
		const char **other)
{
	struct space_claim claim = {range, owner};
	int err;

	if (!range_valid(range))
		return -EINVAL;
	pthread_mutex_lock(&space->lock);
	err = claim_locked(space, &claim, other);
	pthread_mutex_unlock(&space->lock);
	return err;
}

void space_release(struct space *space, uint64_t base)
{
	pthread_mutex_lock(&space->lock);
	for (size_t i = 0; i < space->count; i++) {
		if (space->claims[i].range.base != base)
			continue;
		space->claims[i] = space->claims[--space->count];
		break;
	}
	pthread_mutex_unlock(&space->lock);
}

static int set_slot(struct space *space, int slot, struct range range,
		    void *host)
{
	struct kvm_userspace_memory_region region = {
		.slot = (uint32_t)slot,
		.guest_phys_addr = range.base,
		.memory_size = range.size,
		.userspace_addr = (uintptr_t)host,
	};

	if (ioctl(space->vm_fd, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return -errno;
	return 0;
}

static int map_locked(struct space *space, struct range range, void *host)
{
	for (unsigned i = 0; i < SPACE_MAX_SLOTS; i++) {
		int err;

		if (space->slots[i].size)
			continue;
		err = set_slot(space, (int)i, range, host);
		if (err)
			return err;
		space->slots[i] = range;
		return (int)i;
	}
	return -ENOSPC;
}

int space_map(struct space *space, struct range range, void *host)
{
	int slot;

	if (!range_valid(range) ||
	    ((range.base | range.size | (uintptr_t)host) & PAGE_MASK_4K))
		return -EINVAL;
	pthread_mutex_lock(&space->lock);
	slot = map_locked(space, range, host);
	pthread_mutex_unlock(&space->lock);
	return slot;
}

void space_unmap(struct space *space, int slot)
{
	if (slot < 0 || slot >= SPACE_MAX_SLOTS)
		return;
	pthread_mutex_lock(&space->lock);
	if (space->slots[slot].size) {
		struct range gone = {.base = space->slots[slot].base};

		set_slot(space, slot, gone, NULL);
		space->slots[slot] = (struct range){};
	}
	pthread_mutex_unlock(&space->lock);
}
