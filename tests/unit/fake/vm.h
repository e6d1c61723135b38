/* SPDX-License-Identifier: MIT */
/* A virtual machine's side of a PCI function, which checks each operation. */
#ifndef TESTS_UNIT_FAKE_VM_H
#define TESTS_UNIT_FAKE_VM_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/pci.h>

#define FAKE_VM_VECTORS 2048

struct fake_vm {
	bool placed[LEND_PCI_BARS];
	bool mapped[LEND_PCI_WINDOWS];
	bool intx;
	bool connected[FAKE_VM_VECTORS];
	bool known[FAKE_VM_VECTORS]; /* connected, not released since */

	unsigned int batches;          /* calls of msi_expect, */
	struct lend_pci_message first; /* the first message of the last, */
	unsigned int expected;         /* and how many it had */

	int refusal; /* result of bar_place, intx_connect and msi_connect */
	int window_refusal;

	/* Called with each operation, such as "place 0 c0000000"; or NULL. */
	void (*log)(void *opaque, const char *operation);
	/* Called when a vector was connected, or is disconnected; or NULL. */
	void (*moved)(void *opaque, unsigned int vector, int fd,
		      bool connected);
	void *opaque;

	/* Does not return: an operation repeats, or undoes nothing. */
	void (*broken)(const char *what);
};

/* The opaque pointer of these is a struct fake_vm. */
extern const struct lend_pci_ops fake_vm_ops;

#endif
