/* SPDX-License-Identifier: MIT */
/* MSI and MSI-X vectors, each an eventfd between VFIO and the virtual machine.
 */
#ifndef LIB_PCI_VECTOR_H
#define LIB_PCI_VECTOR_H

#include <stdbool.h>
#include <stdint.h>

struct lend_pci;

struct vector {
	int fd;         /* eventfd, -1 while the vector was never unmasked */
	bool wired;     /* the device's interrupt signals it */
	bool was_wired; /* before the index was disabled to grow */
	bool connected; /* it raises the message in the guest */
	bool known;     /* the virtual machine keeps resources for it */

	/* The guest's settings, set before vectors_sync(). */
	bool live;
	uint64_t address;
	uint32_t data;
	bool changed; /* the message, while it is connected */
};

/* How VFIO can add vectors while the index is enabled. */
enum growth {
	GROWTH_FREE,  /* takes them */
	GROWTH_ANEW,  /* the index must be disabled first */
	GROWTH_NEVER, /* MSI: the guest fixes their number */
};

struct vectors {
	unsigned int irq;   /* index in VFIO */
	unsigned int count; /* entries of @vector and of @fds */
	struct vector *vector;
	int *fds; /* scratch */
	bool on;  /* the index is enabled in the kernel */
	enum growth growth;
	unsigned int room;     /* minimum of vectors to enable it with */
	unsigned int capacity; /* vectors it was enabled with */
	bool warned;           /* a failure was reported */
};

int vectors_init(struct vectors *set, unsigned int irq, unsigned int count,
		 enum growth growth);
void vectors_destroy(struct vectors *set);

/* Enables the index if it is disabled, even without a vector in use. */
void vectors_start(struct lend_pci *pci, struct vectors *set);
/* Applies the guest's settings to vectors [@first, +@count). */
void vectors_sync(struct lend_pci *pci, struct vectors *set, unsigned int first,
		  unsigned int count);
/* Disables the index and releases all vectors. */
void vectors_stop(struct lend_pci *pci, struct vectors *set);

/* The pending bits of @count vectors, at most 64, from @first on: those that
 * fired while masked. Takes at most one system call. */
uint64_t vectors_pending(struct lend_pci *pci, const struct vectors *set,
			 unsigned int first, unsigned int count);

#endif
