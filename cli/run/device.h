/* SPDX-License-Identifier: MIT */
/* Configures a PCI function of `lend run` from its -device string. */
#ifndef CLI_RUN_DEVICE_H
#define CLI_RUN_DEVICE_H

#include "vmm/assign/pci.h"

struct lend_ctx;
struct lend_spec;

/*
 * Sets all of @config but the device itself from @spec. Returns 0, or -errno
 * with a record; the caller frees rom.bytes in any case.
 */
int run_device_configure(struct assign_pci_config *config, struct lend_ctx *ctx,
			 const struct lend_spec *spec);

#endif
