/* SPDX-License-Identifier: MIT */
/* Loads an ELF kernel and initrd according to the PVH boot protocol. */
#ifndef VMM_X86_PVH_H
#define VMM_X86_PVH_H

#include <stdint.h>

struct boot;
struct layout;
struct memory;

/* As boot_check() and boot_load(), for an ELF file. */
int pvh_check(const struct boot *boot, uint64_t ram_end);
int pvh_load(const struct boot *boot, struct memory *memory,
	     const struct layout *layout, uint64_t *entry);

#endif
