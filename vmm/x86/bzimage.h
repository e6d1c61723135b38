/* SPDX-License-Identifier: MIT */
/* Loads a Linux bzImage and initrd according to the 64-bit boot protocol. */
#ifndef VMM_X86_BZIMAGE_H
#define VMM_X86_BZIMAGE_H

#include <stdint.h>

struct boot;
struct layout;
struct memory;

/* As boot_check() and boot_load(), for a bzImage. */
int bzimage_check(const struct boot *boot, uint64_t ram_end);
int bzimage_load(const struct boot *boot, struct memory *memory,
		 const struct layout *layout, uint64_t *entry);

#endif
