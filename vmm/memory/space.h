/* SPDX-License-Identifier: MIT */
/* Guest physical address space: who owns which range, and KVM's memory slots.
 */
#ifndef VMM_MEMORY_SPACE_H
#define VMM_MEMORY_SPACE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/memory/range.h"

#define SPACE_MAX_SLOTS 509 /* what every KVM on x86 has had */

struct space_claim {
	struct range range;
	const char *owner; /* borrowed; for messages */
};

struct space_slot {
	struct range range; /* size 0: free */
	void *host;
	bool lone; /* there only while its page is nobody else's */
	bool away; /* lone, and taken from KVM meanwhile */
};

struct space {
	int vm_fd;     /* borrowed from struct vm */
	uint64_t page; /* bytes; slots are of whole ones */
	pthread_mutex_t lock;
	struct space_claim *claims;
	size_t count;
	size_t capacity;
	struct space_slot slots[SPACE_MAX_SLOTS];
	unsigned int lone; /* how many slots are */
};

void space_init(struct space *space, int vm_fd);
void space_destroy(struct space *space);

/*
 * Claim @range for @owner; a BAR claims its whole window before anything in
 * it is mapped or put on the bus. RAM, the local APIC page, the I/O APIC, ECAM
 * and KVM's private pages are claimed by the machine from the start.
 *
 * Returns 0, -EINVAL (empty or wrapping), -EEXIST (overlaps; *other, unless
 * other is NULL, names the owner) or -ENOMEM. Records no error: see bus_add().
 */
int space_claim(struct space *space, struct range range, const char *owner,
		const char **other);

/*
 * Claim @size bytes anywhere in @window, aligned to their size rounded up to
 * a power of two, the lowest that are free. Returns what space_claim() does, or
 * -ENOSPC; *base receives the address.
 */
int space_place(struct space *space, struct range window, uint64_t size,
		const char *owner, uint64_t *base);

/* Give back the claim that starts at @base; undoes space_claim(). */
void space_release(struct space *space, uint64_t base);

/*
 * Let the guest reach host memory @host at @range without exits. The range
 * must be page-aligned and lie in a claim of the caller. One ioctl.
 *
 * Returns a slot number for space_unmap(), -EINVAL, -ENOSPC (no slot left) or
 * KVM's -errno (-EEXIST: overlaps another slot).
 */
int space_map(struct space *space, struct range range, void *host);

/*
 * The same for the page that a claim smaller than it begins, and @host is. The
 * slot leaves KVM while another claim touches the page, and comes back after.
 * No ioctl where one does now.
 */
int space_map_lone(struct space *space, uint64_t base, void *host);

/* Take the slot away again; on return no vCPU reaches the memory. One ioctl. */
void space_unmap(struct space *space, int slot);

#endif
