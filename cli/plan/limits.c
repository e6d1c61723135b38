// SPDX-License-Identifier: MIT
// Compares what a planned machine needs with the host's limits: pinned memory,
// interrupt routes, descriptors, memory slots.

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <lend/platform.h>

#include "cli/json.h"
#include "cli/plan/finding.h"
#include "cli/plan/limits.h"
#include "cli/plan/machine-plan.h"
#include "vmm/assign/platform.h"
#include "vmm/base/descriptors.h"
#include "vmm/irq/irq.h"
#include "vmm/kvm/vm.h"
#include "vmm/memory/layout.h"

static unsigned int count_vectors(const struct machine_plan *plan)
{
	unsigned int vectors = 0;

	for (size_t i = 0; i < plan->count; i++)
		vectors += plan->devices[i].vectors;
	return vectors;
}

static struct json_object *need_of(int64_t need, uint64_t limit)
{
	struct json_object *o = json_object_new_object();

	json_add_number(o, "need", need);
	json_add(o, "limit",
		 limit > INT64_MAX ? NULL
				   : json_object_new_int64((int64_t)limit));
	return o;
}

/* A vector takes a route and a descriptor when it is first used, so a guest may
 * never reach the maximum. */
static void check_most(struct machine_plan *plan, const char *check,
		       const char *what, const char *each, unsigned long need,
		       unsigned long limit, const char *remedy)
{
	if (need <= limit)
		plan_add_finding(plan, check, LEND_CHECK_OK, NULL, "",
				 "at most %lu %s are needed; the limit is %lu",
				 need, what, limit);
	else
		plan_add_finding(plan, check, LEND_CHECK_WARNING, NULL, remedy,
				 "%lu %s are needed if the guest uses every "
				 "%s; the limit is %lu",
				 need, what, each, limit);
}

/* RAM, the ROM, and what the guest can access without an exit: a BAR with the
 * table of MSI-X is two windows. */
static struct json_object *plan_check_slots(struct machine_plan *plan)
{
	unsigned long need = LAYOUT_RAM_MAX + 1, limit = vm_slots();

	for (size_t d = 0; d < plan->count; d++) {
		const struct plan_device *device = &plan->devices[d];

		need += device->vectors > 0;
		for (unsigned int i = 0; i < ASSIGN_PCI_BARS; i++)
			need += device->bars[i].size && !device->bars[i].io;
	}
	for (size_t i = 0; i < plan->platform_count; i++) {
		const struct lend_platform *known =
			plan->platforms[i].plan.platform;

		need += known ? lend_platform_region_count(known) : 0;
	}
	check_most(plan, "slots", "KVM memory slots", "BAR", need, limit, "");
	return need_of((int64_t)need, limit);
}

static struct json_object *plan_check_interrupts(struct machine_plan *plan,
						 unsigned int cpus)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
	struct json_object *o = json_object_new_object();
	unsigned long vectors = count_vectors(plan);
	unsigned long open = descriptors_need(cpus, plan_lent(plan), vectors);
	char remedy[64];

	/* lend run raises the soft limit itself. */
	getrlimit(RLIMIT_NOFILE, &limit);
	json_add_number(o, "vectors", (int64_t)vectors);
	json_add(o, "routes", need_of((int64_t)vectors, IRQ_MAX_MSI));
	json_add(o, "descriptors", need_of((int64_t)open, limit.rlim_max));
	check_most(plan, "routes", "KVM interrupt routes", "interrupt", vectors,
		   IRQ_MAX_MSI, "");
	snprintf(remedy, sizeof(remedy),
		 "as root, in the shell: ulimit -Hn %lu", open);
	check_most(plan, "descriptors", "file descriptors", "interrupt", open,
		   limit.rlim_max, remedy);
	return o;
}

void plan_add_limits(struct machine_plan *plan, struct json_object *document,
		     uint64_t ram, unsigned int cpus)
{
	struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
	uint64_t need = plan_lent(plan) && !plan->unguarded ? ram : 0;
	struct json_object *pinned;

	getrlimit(RLIMIT_MEMLOCK, &limit);
	pinned = need_of((int64_t)need, limit.rlim_cur);
	json_add_bool(pinned, "exempt", plan->can_pin && need > limit.rlim_cur);
	json_add(document, "pinned", pinned);
	json_add(document, "interrupts", plan_check_interrupts(plan, cpus));
	json_add(document, "slots", plan_check_slots(plan));
}
