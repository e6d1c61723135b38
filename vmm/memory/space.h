/* SPDX-License-Identifier: MIT */
/*
 * Guest physical address space: the owners of ranges, and KVM's memory slots.
 */
#ifndef VMM_MEMORY_SPACE_H
#define VMM_MEMORY_SPACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/memory/range.h"

#define SPACE_MAX_SLOTS 509 /* the least that any KVM on x86 has */

struct space_claim {
	struct range range;
	const char *owner; /* borrowed; for messages */
};

struct space_slot {
	struct range range; /* size 0: free */
	const void *host;
	bool rom;  /* a write by the guest is an exit */
	bool lone; /* mapped only while no other claim shares its page */
	bool away; /* lone, and currently removed from KVM */
};

struct space {
	int vm_fd;     /* borrowed from struct vm */
	uint64_t page; /* page size; slots are whole pages */
	pthread_mutex_t lock;
	struct space_claim *claims;
	size_t count;
	size_t capacity;
	struct space_slot slots[SPACE_MAX_SLOTS];
	unsigned int lone; /* number of lone slots */
};

void space_init(struct space *space, int vm_fd);
void space_destroy(struct space *space);

/*
 * Claim @range for @owner; a BAR claims its whole window before any part of it
 * is mapped or added to the bus. RAM, the local APIC page, the I/O APIC, ECAM
 * and KVM's private pages are claimed by the machine at start.
 *
 * Returns 0, -EINVAL (empty or wrapping), -EEXIST (overlaps; *other, unless
 * other is NULL, names the owner) or -ENOMEM. Records no error: see bus_add().
 */
int space_claim(struct space *space, struct range range, const char *owner,
		const char **other);

/*
 * Claim @size bytes anywhere in @window, aligned to the size rounded up to a
 * power of two, at the lowest free address. Returns the values of
 * space_claim(), or -ENOSPC; *base receives the address.
 */
int space_place(struct space *space, struct range window, uint64_t size,
		const char *owner, uint64_t *base);

/* Release the claim that starts at @base; undoes space_claim(). */
void space_release(struct space *space, uint64_t base);

/*
 * Map host memory @host at @range for the guest, without exits. The range must
 * be page-aligned and lie in a claim of the caller. One ioctl.
 *
 * Returns a slot number for space_unmap(), -EINVAL, -ENOSPC (no slot left) or
 * KVM's -errno (-EEXIST: overlaps another slot).
 */
int space_map(struct space *space, struct range range, void *host);

/* Like space_map(), for memory that the guest can only read. */
int space_map_rom(struct space *space, struct range range, const void *host);

/*
 * Like space_map(), for the page at @base whose claim is smaller than the page;
 * @host is a whole page. While another claim overlaps the page, the slot is
 * removed from KVM; it is restored afterwards. No ioctl if another claim
 * overlaps now.
 */
int space_map_lone(struct space *space, uint64_t base, void *host);

/* Remove the slot; on return no vCPU can reach the memory. One ioctl. */
void space_unmap(struct space *space, int slot);

#endif
