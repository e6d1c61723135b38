/* SPDX-License-Identifier: MIT */
/* Ranges of addresses that do not overlap, in their order: what is mapped or
 * claimed there. */
#ifndef LIB_BASE_LEDGER_H
#define LIB_BASE_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

struct mapping {
	uint64_t iova;
	uint64_t size;
	void *vaddr;
	unsigned int flags; /* LEND_DMA_* */
	int file; /* the file that is mapped at @vaddr, or -1; not kept open */
	uint64_t offset;   /* in @file */
	const char *owner; /* for messages, borrowed; or NULL */
};

/* Zeroed, it is empty. No function takes longer than the logarithm of the
 * number of mappings, for each mapping that it adds, removes or counts. */
struct ledger {
	struct ledger_entry *entries; /* [0] is none */
	unsigned int root;            /* index, as all of these */
	unsigned int spare;           /* the first of those that were removed */
	unsigned int used;            /* entries beyond are new */
	unsigned int room;
	unsigned int count;
	uint64_t bytes;
};

/* Makes room for one more, so that ledger_add() cannot fail. Returns 0 or
 * -ENOMEM. Pointers to mappings become invalid, as by any change. */
int ledger_reserve(struct ledger *ledger);

/* The first mapping that overlaps a range that does not wrap, or NULL. */
const struct mapping *ledger_overlap(const struct ledger *ledger, uint64_t iova,
				     uint64_t size);

/* The last one. */
const struct mapping *ledger_overlap_last(const struct ledger *ledger,
					  uint64_t iova, uint64_t size);

/* The mapping of exactly that range, or NULL. */
const struct mapping *ledger_find(const struct ledger *ledger, uint64_t iova,
				  uint64_t size);

/* Mappings of the ledger, one after the other. */
struct mapping_run {
	unsigned int count;
	uint64_t iova; /* of the first one */
	uint64_t size; /* to the end of the last one, gaps included */
	uint64_t bytes;
};

/* The mappings that overlap a range that does not wrap. */
struct mapping_run ledger_run(const struct ledger *ledger, uint64_t iova,
			      uint64_t size);

/* Addresses that are wanted. */
struct ledger_wish {
	uint64_t size;
	uint64_t first, last; /* the range to look in */
	uint64_t align;       /* a power of two */
	uint64_t phase;       /* modulo @align */
};

/* Finds the lowest addresses that no mapping has. Where they are to be aligned,
 * but not to their size from 0, and to more than the mappings are, gaps that
 * are hardly long enough may be passed. */
bool ledger_place(const struct ledger *ledger, const struct ledger_wish *wish,
		  uint64_t *iova);

/* Adds a mapping that overlaps none, after ledger_reserve(). */
void ledger_add(struct ledger *ledger, const struct mapping *mapping);

/* Removes the mapping at an address, which must be its first. */
void ledger_remove(struct ledger *ledger, uint64_t iova);

/* Removes the mappings of a run. */
void ledger_remove_run(struct ledger *ledger, const struct mapping_run *run);

/* Removes all mappings. */
void ledger_clear(struct ledger *ledger);

void ledger_free(struct ledger *ledger);

#endif
