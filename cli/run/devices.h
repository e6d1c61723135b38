/* SPDX-License-Identifier: MIT */
/* Parses the -device strings of `lend run` and finds their devices in sysfs. */
#ifndef CLI_RUN_DEVICES_H
#define CLI_RUN_DEVICES_H

#include <stddef.h>

#include "cli/run/iommu.h"
#include "cli/run/locate.h"
#include "cli/run/platform.h"
#include "cli/run/refusals.h"
#include "vmm/assign/pci.h"
#include "vmm/machine/device.h"
#include "vmm/pci/topology.h"

struct run_spare {
	char text[40];
};

struct run_devices {
	struct run_iommu iommu;
	/* One entry for each -device string; a root port has only the first
	 * two. */
	struct lend_spec **specs; /* the wishes borrow from these */
	struct topology_wish *wishes;
	struct run_identity *ids;
	struct assign_pci_config *pci; /* or, by the front end: */
	struct run_platform *platform;
	size_t asked;
	struct run_spare *spares; /* -device strings of spare ports */

	/* Configuration of the machine. */
	struct topology topology;
	struct machine_device_config *configs;
	size_t count;
};

/*
 * Parses and locates all devices in @asked, checks that no device is given
 * twice and that all use one address space, and plans their places on the
 * guest's buses. Opens no device; of a descriptor that was passed in, only
 * queries which device it is. What is refused is added to @refusals; if any is,
 * there are no places. Returns 0, or -errno with a record after another
 * failure; the caller must call run_devices_free() in any case.
 */
int run_devices_find(struct run_devices *devices, struct lend_ctx *ctx,
		     const struct run_options *asked,
		     struct run_refusals *refusals);
void run_devices_free(struct run_devices *devices);

#endif
