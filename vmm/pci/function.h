/* SPDX-License-Identifier: MIT */
/* A PCI function of the machine, as the bus that it is on knows it. */
#ifndef VMM_PCI_FUNCTION_H
#define VMM_PCI_FUNCTION_H

#include <pthread.h>
#include <stdint.h>

/*
 * Config accesses as the function sees them: size 1, 2 or 4, aligned to its
 * size, offset + size <= 4096. Never two at a time for one function. Whatever
 * else a guest tries reads as all ones, is ignored when written, and does not
 * get here.
 */
struct pci_function_ops {
	uint32_t (*config_read)(void *opaque, unsigned int offset,
				unsigned int size);
	void (*config_write)(void *opaque, unsigned int offset,
			     unsigned int size, uint32_t value);
	/* The bus above is reset; or NULL. Never while one of the others is. */
	void (*reset)(void *opaque);
};

struct pci_function {
	pthread_mutex_t lock; /* held while an op runs */
	const struct pci_function_ops *ops;
	void *opaque;
	const char *name; /* borrowed; for messages */
};

#endif
