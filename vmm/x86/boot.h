/* SPDX-License-Identifier: MIT */
/* Loads a Linux bzImage and initrd according to the 64-bit boot protocol. */
#ifndef VMM_X86_BOOT_H
#define VMM_X86_BOOT_H

#include <stdint.h>

#include "vmm/boot/file.h"

struct layout;
struct memory;

/* Guest addresses of the boot data, in the first megabyte. */
#define BOOT_GDT         0x500
#define BOOT_PARAMS      0x7000 /* struct boot_params, the "zero page" */
#define BOOT_PAGES       0x9000 /* three pages of page tables */
#define BOOT_STACK       0x9000 /* grows down, below the page tables */
#define BOOT_CMDLINE     0x20000
#define BOOT_CMDLINE_MAX 0x10000
#define BOOT_LOW_END     0xa0000 /* VGA and BIOS follow */
#define BOOT_KERNEL_MIN  0x100000
#define BOOT_MAPPED      0x40000000UL /* identity-mapped by the page tables */

/* Check that the open files and the command line can be loaded into RAM that
 * ends at @ram_end. Returns 0 or a recorded error. */
int boot_check(const struct boot *boot, uint64_t ram_end);

/*
 * Load the image into RAM, with boot parameters, command line, GDT and page
 * tables. *entry receives the address of the first instruction, to run in long
 * mode with RSI = BOOT_PARAMS. Returns 0, or a recorded error that names the
 * file and its fault.
 */
int boot_load(const struct boot *boot, struct memory *memory,
	      const struct layout *layout, uint64_t *entry);

#endif
