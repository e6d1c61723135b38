// SPDX-License-Identifier: MIT
// Sums up in a few words whether a device can be lent: the most severe finding.

#include <stdio.h>
#include <string.h>

#include "cli/verdict.h"

/* The first entry that failed decides. */
static const struct {
	const char *check;
	struct {
		const char *word, *text;
	} verdict;
} verdicts[] = {
	{"type", {"bridge", "a bridge, cannot be lent"}},
	{"chipset", {"chipset", "part of the chipset"}},
	{"presentation", {"unsupported", "no guest can have it"}},
	{"vfio", {"no-vfio", "the kernel has no VFIO driver for it"}},
	{"iommu", {"no-iommu", "no IOMMU"}},
	{"direct", {"firmware", "firmware maps memory for it"}},
	{"remapping", {"no-remapping", "interrupts are not remapped"}},
	{"bypass", {"unguarded", "its DMA bypasses the IOMMU"}},
	{"holder", {"lent", "already lent"}},
	{"in-use", {"in-use", "in use by the host"}},
	{"driver", {"bindable", "can be bound"}},
	{"member", {"blocked", "IOMMU group blocked"}},
	{"node", {"no-permission", "bound, but this user has no access"}},
	{"framebuffer", {"framebuffer", "holds the boot framebuffer"}},
};

enum { VERDICTS = sizeof(verdicts) / sizeof(verdicts[0]) };

struct verdict_search {
	unsigned int gravest; /* of the entries */
	char detail[128];
};

static void verdict_note(void *opaque, const struct lend_finding *finding)
{
	static const char bind[] = "lend bind ";
	struct verdict_search *search = opaque;
	const char *check = finding->check;

	if (finding->status != LEND_CHECK_FAILED)
		return;
	/* Some devices get their group when they are first bound. */
	if (finding->code == LEND_ERROR_NO_GROUP &&
	    !strncmp(finding->remedy, bind, strlen(bind)))
		check = "driver";
	for (unsigned int i = 0; i < search->gravest; i++) {
		if (strcmp(check, verdicts[i].check) != 0)
			continue;
		search->gravest = i;
		snprintf(search->detail, sizeof(search->detail), "%.*s",
			 (int)strcspn(finding->evidence, "\n"),
			 finding->evidence);
	}
}

struct verdict verdict_of(struct lend_ctx *ctx, struct lend_address *address)
{
	struct verdict_search search = {.gravest = VERDICTS};
	struct verdict verdict = {.word = "ready", .text = "ready"};
	struct lend_check_options options = {
		.size = sizeof(options),
		.found = verdict_note,
		.opaque = &search,
	};

	lend_check(ctx, &address, 1, &options);
	if (search.gravest == VERDICTS)
		return verdict;
	verdict.word = verdicts[search.gravest].verdict.word;
	verdict.text = verdicts[search.gravest].verdict.text;
	/* The evidence of others is about how, not about who. */
	if (!strcmp(verdict.word, "lent") || !strcmp(verdict.word, "in-use"))
		strcpy(verdict.detail, search.detail);
	return verdict;
}
