/* SPDX-License-Identifier: MIT */
/* KVM's virtual machine, as far as lent devices use it: its tables. */
#ifndef LIB_KVM_KVM_H
#define LIB_KVM_KVM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/kvm.h>

#include <lend/kvm.h>

#include "lib/base/ledger.h"

/* Slots without the machine's callback: the least that any KVM has. KVM is
 * asked for its number when these are in use. */
#define KVM_SLOTS_LEAST 509
/* The time of each KVM_SET_GSI_ROUTING grows with the number of routes. */
#define KVM_ROUTES_IDLE 256

/* [base, base + size); not empty, and its last byte does not wrap. */
struct kvm_range {
	uint64_t base;
	uint64_t size;
};

struct kvm_slot {
	unsigned int number;
	struct kvm_range range; /* size 0: free */
	const void *host;
	bool read_only;
	bool lone; /* mapped only while no other claim shares its page */
	bool away; /* lone, and currently removed from KVM */
	/* Indices from 1, 0 for none: of the next free one; or of lone ones of
	 * the same page. */
	size_t next, previous;
};

/* The owners of guest addresses, and what is mapped there. */
struct kvm_space {
	pthread_mutex_t lock;
	uint64_t page;        /* page size; slots are whole pages */
	struct ledger claims; /* with their owners */
	struct kvm_slot *slots;
	size_t slot_count;
	size_t slot_room;
	size_t slot_limit;     /* as far as KVM was asked */
	bool slot_refused;     /* which is logged once */
	size_t spare;          /* the first free one, as @next of a slot */
	struct ledger numbers; /* the machine's; the index is the offset */
	struct ledger lone;    /* pages of lone slots; the offset is the first
				  one's index, as @next of a slot */
};

struct kvm_message {
	uint64_t address;
	uint32_t data;
	uint32_t requester;
	bool has_requester;
};

/* A route that was used keeps its message when it has no users. */
struct kvm_route {
	struct kvm_message message;
	unsigned int gsi;
	unsigned int users;
	bool known;    /* KVM has it */
	uint64_t idle; /* when its last user released it */
};

struct kvm_routes {
	pthread_mutex_t lock;
	struct kvm_irq_routing_entry *own; /* the machine's entries */
	unsigned int own_count;
	struct kvm_route *routes;
	unsigned int count;
	unsigned int room;
	uint64_t releases; /* so far; gives the age of each idle route */
	bool limit_logged;
	uint64_t taken[LEND_KVM_GSIS / 64]; /* GSIs of both, a bit each */
	struct kvm_irq_routing *table; /* what the last change sent to KVM */
};

struct lend_kvm {
	struct lend_ctx *ctx;
	int vm_fd; /* borrowed */
	int (*slot)(void *opaque);
	int (*gsi)(void *opaque);
	void *opaque;
	struct kvm_space space;
	struct kvm_routes routes;

	/* Guarded by the lock of the context, which opens devices. */
	int vfio_fd;        /* KVM's VFIO device, while there are files */
	unsigned int files; /* added and not yet removed */
};

/* An ioctl of the virtual machine. Returns its result, or -errno. */
int kvm_vm_ioctl(const struct lend_kvm *kvm, unsigned long request,
		 void *argument);

void kvm_space_init(struct kvm_space *space);
void kvm_space_destroy(struct kvm_space *space);

/* Sets a memory slot of KVM; a size of 0 removes it. Returns 0 or -errno. */
int kvm_slot_set(const struct lend_kvm *kvm, const struct kvm_slot *slot,
		 uint64_t size);

/* Add a lone slot, after ledger_reserve(), and remove one, by its index. */
void kvm_lone_add(struct kvm_space *space, size_t index);
void kvm_lone_remove(struct kvm_space *space, size_t index);

/* Removes or restores the lone slots that a claim overlaps, when the claim is
 * made or released. Called with the lock of the space held. */
void kvm_lone_settle(struct lend_kvm *kvm, struct kvm_range claim);

/* Whether claims overlap a page beside the one that starts it. */
bool kvm_page_is_shared(const struct kvm_space *space, struct kvm_range page);

static inline bool kvm_range_valid(struct kvm_range r)
{
	return r.size && r.base <= UINT64_MAX - (r.size - 1);
}

/* Copies the machine's own routes. Returns 0, or a recorded error. */
int kvm_routes_init(struct lend_kvm *kvm,
		    const struct kvm_irq_routing_entry *own,
		    unsigned int own_count);
void kvm_routes_destroy(struct kvm_routes *routes);

/* Makes the table have room for @own entries and @room routes. Returns 0 or
 * -ENOMEM. */
int kvm_routes_resize(struct kvm_routes *routes, unsigned int own,
		      unsigned int room);

/* Sets KVM's table, for which there is room. Returns 0 or KVM's -errno. */
int kvm_routes_send(struct lend_kvm *kvm);

static inline void kvm_gsi_mark(uint64_t *taken, unsigned int gsi)
{
	taken[gsi / 64] |= UINT64_C(1) << gsi % 64;
}

/*
 * kvm_route_get() returns the GSI that raises @message: one ioctl if it is new,
 * otherwise none. -ENOSPC if no route is left, logged once with the limit;
 * otherwise -ENOMEM or KVM's -errno. kvm_route_put() releases it; no ioctl.
 *
 * kvm_route_change() gives a route that is attached another message: one ioctl,
 * none when it is the same; -EBUSY if the route has another user.
 */
int kvm_route_get(struct lend_kvm *kvm, const struct kvm_message *message);
void kvm_route_put(struct lend_kvm *kvm, int gsi);
int kvm_route_change(struct lend_kvm *kvm, int gsi,
		     const struct kvm_message *message);

/* A message that a vector is about to have. */
struct kvm_expected {
	struct kvm_message message;
	int gsi; /* of the vector's attached route, or -1 */
};

/*
 * Gives each of @expected a route, or its attached route the new message, by
 * one ioctl; kvm_route_get() and kvm_route_change() then need none. If KVM
 * refuses, or without memory, the routes are as before. Messages for which no
 * route is left are omitted.
 */
void kvm_routes_expect(struct lend_kvm *kvm,
		       const struct kvm_expected *expected, unsigned int count);

/*
 * For this, with the lock held. kvm_route_find() gets the route of a message,
 * or one to reuse for it, or a new one. Returns 0, -ENOSPC or -ENOMEM.
 * kvm_route_of_gsi() gets the route of @gsi, or NULL if it has no users.
 */
int kvm_route_find(struct lend_kvm *kvm, const struct kvm_message *message,
		   struct kvm_route **found);
struct kvm_route *kvm_route_of_gsi(struct kvm_routes *routes, int gsi);

static inline bool kvm_message_equal(const struct kvm_message *a,
				     const struct kvm_message *b)
{
	return a->address == b->address && a->data == b->data &&
	       a->has_requester == b->has_requester &&
	       a->requester == b->requester;
}

/* The routes that KVM creates with its interrupt controllers: their number, 0
 * if it is unknown for this architecture; and the entries. */
extern const unsigned int kvm_pin_count;
void kvm_pins_fill(struct kvm_irq_routing_entry *entries);

#endif
