/* SPDX-License-Identifier: MIT */
/* Reads the expansion ROM that a -device string sets. */
#ifndef CLI_RUN_ROM_H
#define CLI_RUN_ROM_H

#include "vmm/assign/pci.h"

struct lend_ctx;
struct lend_spec;

/*
 * Reads rombar=, romfile= and romsize=, and the file. Returns 0, or -errno with
 * a record; the caller frees rom->bytes in any case.
 */
int run_rom_read(struct assign_pci_rom *rom, struct lend_ctx *ctx,
		 const struct lend_spec *spec);

#endif
