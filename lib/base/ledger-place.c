// SPDX-License-Identifier: MIT
// Finds the lowest free addresses in the ledger's tree.

#include "lib/base/ledger-entry.h"

/* Gaps that are long enough, but wrongly aligned: after so many, only those are
 * looked at that are long enough in any case. */
#define PLACE_TRIES 64

struct search {
	const struct ledger_entry *entries;
	const struct ledger_wish *wish;
	uint64_t at;        /* the lowest address that is left */
	uint64_t least;     /* shorter gaps are passed */
	unsigned int order; /* and those without a block of this order */
	unsigned int tries;
	bool is_over; /* nothing is left of the range */
};

/* Whether what is wanted fits from the lowest address left up to @last. */
static bool search_fits(struct search *s, uint64_t last)
{
	const struct ledger_wish *wish = s->wish;
	uint64_t skip = (wish->phase - s->at) & (wish->align - 1);
	uint64_t end = last < wish->last ? last : wish->last;
	uint64_t spare = wish->align - 1;

	if (s->at > end || wish->size - 1 > end - s->at)
		return false;
	if (skip <= end - s->at - (wish->size - 1)) {
		s->at += skip;
		return true;
	}
	if (!s->order && ++s->tries == PLACE_TRIES)
		s->least = wish->size < UINT64_MAX - spare ? wish->size + spare
							   : UINT64_MAX;
	return false;
}

static void search_pass(struct search *s, uint64_t last)
{
	s->is_over = last >= s->wish->last;
	if (!s->is_over && last >= s->at)
		s->at = last + 1;
}

/* Recursion is as deep as the tree. */
static bool search_below(struct search *s, unsigned int at)
{
	const struct ledger_entry *entry = &s->entries[at];
	uint64_t last = mapping_last(&entry->mapping);

	if (!at || s->is_over || entry->last < s->at)
		return false;
	if (entry->first >= s->at &&
	    (entry->gap < s->least || entry->order < s->order)) {
		if (entry->first > s->at && search_fits(s, entry->first - 1))
			return true;
		search_pass(s, entry->last);
		return false;
	}
	if (search_below(s, entry->left))
		return true;
	if (s->is_over)
		return false;
	if (entry->mapping.iova > s->at &&
	    search_fits(s, entry->mapping.iova - 1))
		return true;
	search_pass(s, last);
	return search_below(s, entry->right);
}

bool ledger_place(const struct ledger *ledger, const struct ledger_wish *wish,
		  uint64_t *iova)
{
	struct search search = {
		.entries = ledger->entries,
		.wish = wish,
		.at = wish->first,
		.least = wish->size,
		.order = wish->size == wish->align && !wish->phase
				 ? block_order(wish->size)
				 : 0,
	};
	bool found = (ledger->root && search_below(&search, ledger->root)) ||
		     (!search.is_over && search_fits(&search, wish->last));

	if (found)
		*iova = search.at;
	return found;
}
