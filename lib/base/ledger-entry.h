/* SPDX-License-Identifier: MIT */
/* An entry of the ledger: a node of its tree. */
#ifndef LIB_BASE_LEDGER_ENTRY_H
#define LIB_BASE_LEDGER_ENTRY_H

#include "lib/base/ledger.h"

/*
 * The tree is an AA tree (A. Andersson, "Balanced search trees made simple",
 * 1993): a left child is one level lower, a right child at the same level has
 * no right child at it. Nodes are numbered, since the array that has them
 * moves.
 */
struct ledger_entry {
	struct mapping mapping;
	unsigned int left, right; /* 0: none */
	unsigned int level;       /* 1: a leaf; 0: entry 0 alone */
	/* Of the entry and all below it: */
	uint64_t first, last; /* addresses */
	uint64_t gap;         /* the longest between two neighbours, in bytes */
};

static inline uint64_t mapping_last(const struct mapping *mapping)
{
	return mapping->iova + (mapping->size - 1);
}

#endif
