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
	unsigned int order;   /* of the largest block between two, as below */
};

static inline uint64_t mapping_last(const struct mapping *mapping)
{
	return mapping->iova + (mapping->size - 1);
}

/* A block is a power of two of bytes at a multiple of that. Its order is the
 * number of bits of its size; 0 is no block. */
static inline unsigned int block_order(uint64_t size)
{
	return size ? 64 - (unsigned int)__builtin_clzll(size) : 0;
}

#endif
