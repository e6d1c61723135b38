/* SPDX-License-Identifier: MIT */
/* Loads the kernel and initrd by the boot protocol of the kernel's format. */
#ifndef VMM_X86_BOOT_H
#define VMM_X86_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/boot/file.h"

struct layout;
struct memory;

/* Guest addresses of the boot data, in the first megabyte. */
#define BOOT_GDT         0x500
#define BOOT_PARAMS      0x7000 /* the "zero page", or PVH's start info */
#define BOOT_PAGES       0x9000 /* three pages of page tables */
#define BOOT_STACK       0x9000 /* grows down, below the page tables */
#define BOOT_CMDLINE     0x20000
#define BOOT_CMDLINE_MAX 0x10000
#define BOOT_LOW_END     0xa0000 /* VGA and BIOS follow */
#define BOOT_KERNEL_MIN  0x100000
#define BOOT_MAPPED      0x40000000UL /* identity-mapped by the page tables */

/* Whether the kernel is started by PVH. Pure. */
bool boot_is_pvh(const struct boot *boot);

/* Check that the open files and the command line can be loaded into RAM that
 * ends at @ram_end. Returns 0 or a recorded error. */
int boot_check(const struct boot *boot, uint64_t ram_end);

/*
 * Load the image into RAM, with boot parameters and command line. *entry
 * receives the address of the first instruction, to run in long mode with RSI =
 * BOOT_PARAMS or, if boot_is_pvh(), in protected mode with EBX = BOOT_PARAMS.
 * Returns 0, or a recorded error that names the file and its fault.
 */
int boot_load(const struct boot *boot, struct memory *memory,
	      const struct layout *layout, uint64_t *entry);

#endif
