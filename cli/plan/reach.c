// SPDX-License-Identifier: MIT
// Finds what a plan's devices can reach, by their groups' reserved ranges.

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <lend/iommu.h>

#include "cli/json.h"
#include "cli/plan/finding.h"
#include "cli/plan/limits.h"
#include "cli/plan/machine-plan.h"
#include "vmm/assign/platform.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/reach.h"

/* The ranges between a group's reserved ranges, which are sorted. VFIO maps
 * these, and direct-relaxable ones. */
static unsigned int usable_ranges(char *text, struct lend_iova_range *usable,
				  unsigned int max)
{
	unsigned int count = 0;
	uint64_t next = 0, first, last;
	char kind[32], *line;

	while (count < max - 1 && (line = strsep(&text, "\n"))) {
		if (sscanf(line, "%" SCNx64 " %" SCNx64 " %31s", &first, &last,
			   kind) != 3 ||
		    !strcmp(kind, "direct-relaxable") || last < first ||
		    first < next)
			continue;
		if (first > next)
			usable[count++] =
				(struct lend_iova_range){next, first - 1};
		if (last == UINT64_MAX) {
			next = last;
			break;
		}
		next = last + 1;
	}
	/* At least the last address, where there is no memory. */
	usable[count++] = (struct lend_iova_range){next, UINT64_MAX};
	return count;
}

/* Returns 0 if nothing is known. */
static unsigned int group_usable(const struct lend_address *address,
				 struct lend_iova_range usable[PLAN_RANGES])
{
	char text[4096];

	if (!address ||
	    lend_attribute_read(address, "iommu_group/reserved_regions", text,
				sizeof(text)) < 0)
		return 0;
	return usable_ranges(text, usable, PLAN_RANGES);
}

/* Leaves in @usable what is in @other too. */
static unsigned int ranges_meet(struct lend_iova_range usable[PLAN_RANGES],
				unsigned int count,
				const struct lend_iova_range *other,
				unsigned int other_count)
{
	struct lend_iova_range both[PLAN_RANGES];
	unsigned int kept = 0, i = 0, j = 0;

	while (i < count && j < other_count && kept < PLAN_RANGES) {
		const struct lend_iova_range *a = &usable[i], *b = &other[j];

		both[kept].first = a->first > b->first ? a->first : b->first;
		both[kept].last = a->last < b->last ? a->last : b->last;
		kept += both[kept].first <= both[kept].last;
		if (a->last < b->last)
			i++;
		else
			j++;
	}
	memcpy(usable, both, kept * sizeof(both[0]));
	return kept;
}

static unsigned int usable_add(struct lend_iova_range usable[PLAN_RANGES],
			       unsigned int count,
			       const struct lend_address *address)
{
	struct lend_iova_range own[PLAN_RANGES];
	unsigned int own_count = group_usable(address, own);

	if (!own_count)
		return count;
	if (count)
		return ranges_meet(usable, count, own, own_count);
	memcpy(usable, own, own_count * sizeof(own[0]));
	return own_count;
}

unsigned int plan_usable(const struct machine_plan *plan,
			 struct lend_iova_range usable[PLAN_RANGES])
{
	unsigned int count = 0;

	for (size_t i = 0; !plan->unguarded && i < plan->count; i++)
		count = usable_add(usable, count,
				   plan->devices[i].config->address);
	for (size_t i = 0; !plan->unguarded && i < plan->platform_count; i++)
		count = usable_add(usable, count,
				   plan->platforms[i].config->address);
	return count;
}

static void plan_check_group(struct machine_plan *plan,
			     const struct layout *layout,
			     const struct lend_address *address,
			     const char *name, bool p2p)
{
	struct lend_iova_range usable[PLAN_RANGES];
	unsigned int count = group_usable(address, usable);

	if (!count)
		return;
	if (reach_check(layout, plan->ctx, usable, count, p2p))
		plan_add_failure(plan, "reach");
	else
		plan_add_finding(
			plan, "reach", LEND_CHECK_OK, name, "",
			"its IOMMU group reserves none of the guest's memory");
}

void plan_check_reach(struct machine_plan *plan, const struct layout *layout)
{
	if (plan->unguarded)
		return;
	for (size_t i = 0; i < plan->count; i++) {
		const struct assign_pci_config *config =
			plan->devices[i].config;

		plan_check_group(plan, layout, config->address, config->name,
				 config->p2p);
	}
	for (size_t i = 0; i < plan->platform_count; i++)
		plan_check_group(plan, layout,
				 plan->platforms[i].config->address,
				 plan->platforms[i].config->name, false);
}
