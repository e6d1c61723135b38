// SPDX-License-Identifier: MIT
// Sums up in a few words whether a device can be lent: the most severe finding.

#include <string.h>

#include "cli/verdict.h"

/* The first entry that failed decides. */
static const struct {
	const char *check;
	struct verdict verdict;
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

static void verdict_note(void *opaque, const struct lend_finding *finding)
{
	static const char bind[] = "lend bind ";
	unsigned int *gravest = opaque;

	const char *check = finding->check;

	if (finding->status != LEND_CHECK_FAILED)
		return;
	/* Some devices get their group when they are first bound. */
	if (finding->code == LEND_ERROR_NO_GROUP &&
	    !strncmp(finding->remedy, bind, strlen(bind)))
		check = "driver";
	for (unsigned int i = 0; i < *gravest; i++)
		if (!strcmp(check, verdicts[i].check))
			*gravest = i;
}

struct verdict verdict_of(struct lend_ctx *ctx, struct lend_address *address)
{
	unsigned int gravest = VERDICTS;
	struct lend_check_options options = {
		.size = sizeof(options),
		.found = verdict_note,
		.opaque = &gravest,
	};

	lend_check(ctx, &address, 1, &options);
	if (gravest < VERDICTS)
		return verdicts[gravest].verdict;
	return (struct verdict){"ready", "ready"};
}
