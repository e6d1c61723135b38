/* SPDX-License-Identifier: MIT */
/* The mappings of an I/O address space, as a sorted list. */
#ifndef LIB_IOMMU_LEDGER_H
#define LIB_IOMMU_LEDGER_H

#include <stdint.h>

struct mapping {
	uint64_t iova;
	uint64_t size;
	void *vaddr;
	unsigned int flags; /* LEND_DMA_* */
	int file; /* the file that is mapped at @vaddr, or -1; not kept open */
	uint64_t offset; /* in @file */
};

/* Zeroed, it is empty. */
struct ledger {
	struct mapping *mappings; /* sorted by iova, apart */
	unsigned int count;
	unsigned int room;
	uint64_t bytes;
};

/* Makes room for one more, so that ledger_add() cannot fail. Returns 0 or
 * -ENOMEM. */
int ledger_reserve(struct ledger *ledger);

/* A mapping that overlaps a range that does not wrap, or NULL. */
const struct mapping *ledger_overlap(const struct ledger *ledger, uint64_t iova,
				     uint64_t size);

/* The mapping of exactly that range, or NULL. */
const struct mapping *ledger_find(const struct ledger *ledger, uint64_t iova,
				  uint64_t size);

/* Mappings of the ledger, one after the other. */
struct mapping_run {
	unsigned int first; /* index */
	unsigned int count;
	uint64_t iova; /* of the first one */
	uint64_t size; /* to the end of the last one, gaps included */
	uint64_t bytes;
};

/* The mappings that overlap a range that does not wrap. */
struct mapping_run ledger_run(const struct ledger *ledger, uint64_t iova,
			      uint64_t size);

/* Adds a mapping that overlaps none, after ledger_reserve(). */
void ledger_add(struct ledger *ledger, const struct mapping *mapping);

/* Removes the mappings of a run. */
void ledger_remove_run(struct ledger *ledger, const struct mapping_run *run);

/* Removes all mappings. */
void ledger_clear(struct ledger *ledger);

void ledger_free(struct ledger *ledger);

#endif
