/* SPDX-License-Identifier: MIT */
/* A PCI function of the machine, as its bus sees it. */
#ifndef VMM_PCI_FUNCTION_H
#define VMM_PCI_FUNCTION_H

#include <pthread.h>
#include <stdint.h>

/*
 * Config accesses as the function sees them: size 1, 2 or 4, aligned to its
 * size, offset + size <= 4096. Accesses to one function never run concurrently.
 * Any other access by the guest reads all ones, is ignored when written, and
 * does not reach the function.
 */
struct pci_function_ops {
	uint32_t (*config_read)(void *opaque, unsigned int offset,
				unsigned int size);
	void (*config_write)(void *opaque, unsigned int offset,
			     unsigned int size, uint32_t value);
	/*
	 * The function's bus is reset; may be NULL. Never concurrent with the
	 * others.
	 */
	void (*reset)(void *opaque);
	/* The function is removed: the last call; may be NULL. */
	void (*leave)(void *opaque);
};

/* Of a place: once there, it stays until the bridge is destroyed, so that an
 * access needs no other lock to find a function that comes and goes. */
struct pci_function {
	pthread_mutex_t lock; /* held while an op runs, and for a change */
	/* NULL: no function. Without the lock, only whether there is one. */
	const struct pci_function_ops *_Atomic ops;
	void *opaque;
	const char *name; /* borrowed; for messages */
};

#endif
