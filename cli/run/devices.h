/* SPDX-License-Identifier: MIT */
/* The -device strings of `lend run`: understood, and found in sysfs. */
#ifndef CLI_RUN_DEVICES_H
#define CLI_RUN_DEVICES_H

#include <stddef.h>

#include "cli/run/iommu.h"
#include "cli/run/locate.h"
#include "cli/run/platform.h"
#include "vmm/assign/pci.h"
#include "vmm/kvm/vfio.h"
#include "vmm/machine/device.h"
#include "vmm/pci/topology.h"

struct run_devices {
	struct kvm_vfio kvm_vfio; /* must outlive the machine */
	struct run_iommu iommu;
	/* For each -device string; one of a root port has the first two. */
	struct lend_spec **specs; /* what the wishes borrow from */
	struct topology_wish *wishes;
	struct run_identity *ids;
	struct assign_pci_config *pci; /* or, by its front end: */
	struct run_platform *platform;
	size_t asked;

	/* What the machine is given. */
	struct topology topology;
	struct machine_device_config *configs;
	size_t count;
};

/*
 * Parse and locate all that are asked for, see that no two mean one device and
 * that they agree on an address space, and find each a place on the guest's
 * busses. Opens
 * none; of a descriptor that was passed in, only the device it belongs to is
 * asked for. Returns 0, or -errno with a record; run_devices_free() is due
 * either way.
 */
int run_devices_find(struct run_devices *devices, struct lend_ctx *ctx,
		     const struct run_options *asked);
void run_devices_free(struct run_devices *devices);

#endif
