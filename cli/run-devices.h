/* SPDX-License-Identifier: MIT */
/* The -device strings of `lend run`: understood, and found in sysfs. */
#ifndef CLI_RUN_DEVICES_H
#define CLI_RUN_DEVICES_H

#include <stddef.h>

#include "../vmm/assign-pci.h"
#include "../vmm/kvm-vfio.h"
#include "../vmm/machine.h"
#include "run-iommu.h"

struct run_devices {
	struct kvm_vfio kvm_vfio; /* must outlive the machine */
	struct run_iommu iommu;
	struct assign_pci_config *pci;
	struct machine_device_config *configs; /* what the machine is given */
	size_t count;
};

/*
 * Parse and locate all that are asked for, and see that no two mean one device
 * or want one place on the bus, and that they agree on an address space. Opens
 * none; of a descriptor that was passed in, only the device it belongs to is
 * asked for. Returns 0, or -errno with a record; run_devices_free() is due
 * either way.
 */
int run_devices_find(struct run_devices *devices, struct lend_ctx *ctx,
		     const struct run_options *asked);
void run_devices_free(struct run_devices *devices);

#endif
