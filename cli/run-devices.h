/* SPDX-License-Identifier: MIT */
/* The -device strings of `lend run`: understood, and found in sysfs. */
#ifndef CLI_RUN_DEVICES_H
#define CLI_RUN_DEVICES_H

#include <stddef.h>

#include "../vmm/assign-pci.h"
#include "../vmm/kvm-vfio.h"
#include "../vmm/machine.h"

struct lend_ctx;

struct run_devices {
	struct kvm_vfio kvm_vfio; /* must outlive the machine */
	struct assign_pci_config *pci;
	struct machine_device_config *configs; /* what the machine is given */
	size_t count;
};

/*
 * Parse and locate them all, and see that no two mean one device or want one
 * place on the bus. Opens none. Returns 0, or -errno with a record;
 * run_devices_free() is due either way.
 */
int run_devices_find(struct run_devices *devices, struct lend_ctx *ctx,
		     const char *const *texts, size_t count);
void run_devices_free(struct run_devices *devices);

#endif
