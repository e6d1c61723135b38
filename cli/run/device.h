/* SPDX-License-Identifier: MIT */
/* One -device string of `lend run` with a PCI function: how the machine is to
 * present it. */
#ifndef CLI_RUN_DEVICE_H
#define CLI_RUN_DEVICE_H

#include "vmm/assign/pci.h"

struct lend_ctx;
struct lend_spec;

/*
 * Fill in what @spec tells, but for which device it is. Returns 0, or -errno
 * with a record; rom.bytes is the caller's to free either way.
 */
int run_device_configure(struct assign_pci_config *config, struct lend_ctx *ctx,
			 const struct lend_spec *spec);

#endif
