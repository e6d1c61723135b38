/* SPDX-License-Identifier: MIT */
/* Configures devices that are plugged while the guest of `lend run` runs. */
#ifndef CLI_RUN_HOTPLUG_H
#define CLI_RUN_HOTPLUG_H

#include "cli/run/iommu.h"
#include "vmm/machine/machine.h"

struct lend_ctx;
struct run_plugged;

struct run_hotplug {
	struct lend_ctx *ctx;          /* borrowed */
	const struct run_iommu *iommu; /* of the machine; borrowed */
	struct run_plugged *first;     /* devices that the guest has */
	struct machine_plugger plugger;
};

void run_hotplug_init(struct run_hotplug *hotplug, struct lend_ctx *ctx,
		      const struct run_iommu *iommu);

/* After machine_destroy(). */
void run_hotplug_free(struct run_hotplug *hotplug);

#endif
