/* SPDX-License-Identifier: MIT */
/* Vectors of MSI and MSI-X: each an eventfd between VFIO and the guest's
 * machine. */
#ifndef LIB_PCI_VECTOR_H
#define LIB_PCI_VECTOR_H

#include <stdbool.h>
#include <stdint.h>

struct lend_pci;

struct vector {
	int fd;         /* eventfd, -1 while the vector was never unmasked */
	bool wired;     /* the device's interrupt signals it */
	bool was_wired; /* before the index was switched off to grow */
	bool connected; /* it raises the message in the guest */
	bool known;     /* the machine keeps something for it */

	/* What the guest wants, set before vectors_sync(). */
	bool live;
	uint64_t address;
	uint32_t data;
	bool changed; /* the message, while it is connected */
};

/* What VFIO makes of more vectors while the index is on. */
enum growth {
	GROWTH_FREE,  /* takes them */
	GROWTH_ANEW,  /* must be switched off and on again */
	GROWTH_NEVER, /* MSI: the guest fixes their number */
};

struct vectors {
	unsigned int irq;   /* index in VFIO */
	unsigned int count; /* entries of @vector and of @fds */
	struct vector *vector;
	int *fds; /* scratch */
	bool on;  /* the kernel has the index switched on */
	enum growth growth;
	unsigned int room;     /* least vectors to switch it on with */
	unsigned int capacity; /* vectors it was switched on with */
	bool told;             /* of a failure */
};

int vectors_init(struct vectors *set, unsigned int irq, unsigned int count,
		 enum growth growth);
void vectors_destroy(struct vectors *set);

/* Switches the index on, if it is off, even without a vector in use. */
void vectors_start(struct lend_pci *pci, struct vectors *set);
/* Does what the guest wants of vectors [@first, +@count). */
void vectors_sync(struct lend_pci *pci, struct vectors *set, unsigned int first,
		  unsigned int count);
/* Switches the index off and lets go of everything. */
void vectors_stop(struct lend_pci *pci, struct vectors *set);

/* Bits of those of the @count (64 at most) vectors from @first on that have
 * fired while they were masked. One system call, or none. */
uint64_t vectors_pending(struct lend_pci *pci, const struct vectors *set,
			 unsigned int first, unsigned int count);

#endif
