/* SPDX-License-Identifier: MIT */
/* What is mapped in an I/O address space: a sorted list of ranges. */
#ifndef LIB_IOMMU_LEDGER_H
#define LIB_IOMMU_LEDGER_H

#include <stdint.h>

struct mapping {
	uint64_t iova;
	uint64_t size;
	void *vaddr;
	unsigned int flags; /* LEND_DMA_* */
	int file;           /* what the memory is of, or -1; not kept open */
	uint64_t offset;    /* in it */
};

/* Zeroed, it is empty. */
struct ledger {
	struct mapping *mappings; /* sorted by iova, apart */
	unsigned int count;
	unsigned int room;
	uint64_t bytes;
};

/* Makes room for one more, so that ledger_add() cannot fail. 0 or -ENOMEM. */
int ledger_reserve(struct ledger *ledger);

/* A mapping that overlaps a range that does not wrap, or NULL. */
const struct mapping *ledger_overlap(const struct ledger *ledger, uint64_t iova,
				     uint64_t size);

/* The mapping of just that range, or NULL. */
const struct mapping *ledger_find(const struct ledger *ledger, uint64_t iova,
				  uint64_t size);

/* Adds a mapping that overlaps none, after ledger_reserve(). */
void ledger_add(struct ledger *ledger, const struct mapping *mapping);

/* Removes a mapping that is in the ledger. */
void ledger_remove(struct ledger *ledger, const struct mapping *mapping);

/* Removes all mappings. */
void ledger_clear(struct ledger *ledger);

void ledger_free(struct ledger *ledger);

#endif
