// SPDX-License-Identifier: MIT
// Adds mappings to the ledger's tree and removes them, and keeps it balanced.

#include "lib/base/ledger-entry.h"

static uint64_t gap_longer(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Counts the addresses between an entry's and others below it. */
static void entry_add_gap(struct ledger_entry *entry, uint64_t first,
			  uint64_t end)
{
	unsigned int order = block_order(end - first);
	uint64_t align = order ? UINT64_C(1) << (order - 1) : 1;

	/* Half of what is as long as that is always aligned. */
	if (order && (-first & (align - 1)) > end - first - align)
		order--;
	if (order > entry->order)
		entry->order = order;
	entry->gap = gap_longer(entry->gap, end - first);
}

/* Sums up what is below an entry. */
static void entry_sum(struct ledger_entry *entries, unsigned int at)
{
	struct ledger_entry *entry = &entries[at];
	const struct ledger_entry *left = &entries[entry->left];
	const struct ledger_entry *right = &entries[entry->right];
	const struct mapping *mapping = &entry->mapping;

	entry->first = mapping->iova;
	entry->last = mapping_last(mapping);
	entry->gap = gap_longer(left->gap, right->gap);
	entry->order = left->order > right->order ? left->order : right->order;
	if (entry->left) {
		entry->first = left->first;
		entry_add_gap(entry, left->last + 1, mapping->iova);
	}
	if (entry->right) {
		entry_add_gap(entry, entry->last + 1, right->first);
		entry->last = right->last;
	}
}

/* Turns a left child of the same level into the parent. */
static unsigned int entry_skew(struct ledger_entry *entries, unsigned int at)
{
	unsigned int left = entries[at].left;

	if (!at || entries[left].level != entries[at].level)
		return at;
	entries[at].left = entries[left].right;
	entries[left].right = at;
	entry_sum(entries, at);
	entry_sum(entries, left);
	return left;
}

/* Lifts the middle one of three of the same level. */
static unsigned int entry_split(struct ledger_entry *entries, unsigned int at)
{
	unsigned int right = entries[at].right;

	if (!at || entries[entries[right].right].level != entries[at].level)
		return at;
	entries[at].right = entries[right].left;
	entries[right].left = at;
	entries[right].level++;
	entry_sum(entries, at);
	entry_sum(entries, right);
	return right;
}

/* Recursion is as deep as the tree: 64 at most. */
static unsigned int entry_insert(struct ledger_entry *entries, unsigned int at,
				 unsigned int new)
{
	struct ledger_entry *entry = &entries[at];

	if (!at)
		return new;
	if (entries[new].mapping.iova < entry->mapping.iova)
		entry->left = entry_insert(entries, entry->left, new);
	else
		entry->right = entry_insert(entries, entry->right, new);
	entry_sum(entries, at);
	return entry_split(entries, entry_skew(entries, at));
}

void ledger_add(struct ledger *ledger, const struct mapping *mapping)
{
	unsigned int new = ledger->spare;

	if (new)
		ledger->spare = ledger->entries[new].left;
	else
		new = ledger->used++;
	ledger->entries[new] = (struct ledger_entry){
		.mapping = *mapping,
		.level = 1,
	};
	entry_sum(ledger->entries, new);
	ledger->root = entry_insert(ledger->entries, ledger->root, new);
	ledger->count++;
	ledger->bytes += mapping->size;
}

/* After one was removed below it. */
static unsigned int entry_balance(struct ledger_entry *entries, unsigned int at)
{
	struct ledger_entry *entry = &entries[at];
	unsigned int left = entries[entry->left].level;
	unsigned int right = entries[entry->right].level;
	unsigned int level = (left < right ? left : right) + 1;

	entry_sum(entries, at);
	if (level < entry->level) {
		entry->level = level;
		if (right > level)
			entries[entry->right].level = level;
	}
	at = entry_skew(entries, at);
	entry = &entries[at];
	entry->right = entry_skew(entries, entry->right);
	if (entry->right) {
		right = entries[entry->right].right;
		entries[entry->right].right = entry_skew(entries, right);
	}
	at = entry_split(entries, at);
	entries[at].right = entry_split(entries, entries[at].right);
	return at;
}

/* *@gone receives the entry that is no longer used: that of the address, or of
 * its neighbour below it in the tree, whose mapping then moved. */
static unsigned int entry_remove(struct ledger_entry *entries, unsigned int at,
				 uint64_t iova, unsigned int *gone)
{
	struct ledger_entry *entry = &entries[at];
	unsigned int next;

	if (iova < entry->mapping.iova) {
		entry->left = entry_remove(entries, entry->left, iova, gone);
	} else if (iova > entry->mapping.iova) {
		entry->right = entry_remove(entries, entry->right, iova, gone);
	} else if (!entry->right) { /* a leaf, by the levels */
		*gone = at;
		return entry->left;
	} else {
		for (next = entry->right; entries[next].left;)
			next = entries[next].left;
		entry->mapping = entries[next].mapping;
		entry->right = entry_remove(entries, entry->right,
					    entry->mapping.iova, gone);
	}
	return entry_balance(entries, at);
}

void ledger_remove(struct ledger *ledger, uint64_t iova)
{
	const struct mapping *mapping = ledger_overlap(ledger, iova, 1);
	unsigned int gone;

	if (!mapping || mapping->iova != iova)
		return;
	ledger->count--;
	ledger->bytes -= mapping->size;
	ledger->root = entry_remove(ledger->entries, ledger->root, iova, &gone);
	ledger->entries[gone].left = ledger->spare;
	ledger->spare = gone;
}
