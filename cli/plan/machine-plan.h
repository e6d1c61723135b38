/* SPDX-License-Identifier: MIT */
/* A planned machine: its devices, and the findings about it. */
#ifndef CLI_PLAN_MACHINE_PLAN_H
#define CLI_PLAN_MACHINE_PLAN_H

#include <lend/lend.h>

#include "vmm/assign/pci.h"
#include "vmm/assign/platform-plan.h"

struct assign_platform_config;
struct json_object;
struct topology;

/* A PCI device as sysfs describes it. It is not opened, which would reset it.
 */
struct plan_device {
	const struct assign_pci_config *config;
	bool has_bars;
	struct lend_pci_bar bars[ASSIGN_PCI_BARS];
	uint64_t at[ASSIGN_PCI_BARS]; /* place in a window, or 0 */
	bool has_interrupts;
	unsigned int vectors; /* of MSI or MSI-X, whichever has more */
	bool intx;
	uint64_t opregion; /* least bytes of RAM that it takes, or 0 */
};

/* A platform device as the host's device tree describes it. */
struct plan_platform {
	const struct assign_platform_config *config;
	struct assign_platform_plan plan;
	bool is_placed;
};

struct machine_plan {
	struct lend_ctx *ctx;
	const struct topology *topology; /* borrowed: places of devices */
	struct plan_device *devices;     /* on the guest's PCI buses */
	size_t count;
	struct plan_platform *platforms;
	size_t platform_count;
	bool unguarded; /* no-IOMMU mode was requested: nothing is mapped */
	bool can_pin;   /* the memory that the devices would reach */
	struct json_object *findings;
};

/* Devices of either kind. */
static inline size_t plan_lent(const struct machine_plan *plan)
{
	return plan->count + plan->platform_count;
}

#endif
