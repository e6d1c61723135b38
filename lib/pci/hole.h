/* SPDX-License-Identifier: MIT */
/* Registers that the kernel takes for an MSI-X table although the view hides
 * the capability, because it is invalid. */
#ifndef LIB_PCI_HOLE_H
#define LIB_PCI_HOLE_H

#include <stdbool.h>
#include <stdint.h>

struct lend_pci;

/* Reads of them by system call give ones and writes are dropped, so that
 * trapped accesses go through a mapping in this process. */
struct hole {
	unsigned int bar;
	uint64_t offset;
	uint64_t size;       /* 0: there are none, or they cannot be mapped */
	uint64_t map_offset; /* of the pages around them */
	uint64_t map_size;
	void *vaddr;
};

/* Called when it is known whether the view has the capability. Warns of
 * registers that nothing can reach. */
void hole_init(struct lend_pci *pci);
void hole_destroy(struct lend_pci *pci);

/* Whether @offset is in the hole. Reduces *@size to the bytes to which the
 * result applies. */
bool hole_at(const struct lend_pci *pci, unsigned int bar, uint64_t offset,
	     unsigned int *size);

/* Accesses within the hole, with the function's lock held: memory decoding must
 * not end meanwhile, or the access would raise SIGBUS. */
void hole_read(struct lend_pci *pci, uint64_t offset, uint8_t *data,
	       unsigned int size);
void hole_write(struct lend_pci *pci, uint64_t offset, const uint8_t *data,
		unsigned int size);

#endif
