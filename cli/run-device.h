/* SPDX-License-Identifier: MIT */
/* One -device string of `lend run`: which host device it means, and how the
 * machine is to present it. */
#ifndef CLI_RUN_DEVICE_H
#define CLI_RUN_DEVICE_H

#include "../vmm/assign-pci.h"

struct lend_ctx;
struct lend_spec;

/*
 * Fill in what @spec tells; @config->fd is -1 before. Returns 0, or -errno with
 * a record; name, address and rom.bytes are the caller's to free either
 * way.
 */
int run_device_configure(struct assign_pci_config *config, struct lend_ctx *ctx,
			 const struct lend_spec *spec);

#endif
