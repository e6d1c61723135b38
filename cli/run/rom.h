/* SPDX-License-Identifier: MIT */
/* The expansion ROM that a -device string asks for. */
#ifndef CLI_RUN_ROM_H
#define CLI_RUN_ROM_H

#include "vmm/assign/pci.h"

struct lend_ctx;
struct lend_spec;

/*
 * Read rombar=, romfile= and romsize=, and the file. Returns 0, or -errno with
 * a record; rom->bytes is the caller's to free either way.
 */
int run_rom_read(struct assign_pci_rom *rom, struct lend_ctx *ctx,
		 const struct lend_spec *spec);

#endif
