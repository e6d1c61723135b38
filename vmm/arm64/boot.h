/* SPDX-License-Identifier: MIT */
/* Loads a Linux Image, its initrd and its device tree into RAM. */
#ifndef VMM_ARM64_BOOT_H
#define VMM_ARM64_BOOT_H

#include <stdint.h>

#include "vmm/boot/file.h"
#include "vmm/memory/range.h"

struct layout;
struct memory;

#define BOOT_TREE_SIZE 0x200000 /* kernels map no more */

/* Guest addresses of the loaded files. */
struct boot_places {
	uint64_t entry;
	uint64_t tree; /* BOOT_TREE_SIZE bytes, for the device tree */
	struct range initrd;
	uint64_t page; /* of the kernel, in bytes; 0: unknown */
};

/* Check that the open files can be loaded into @ram. Returns 0 or a recorded
 * error. */
int boot_check(const struct boot *boot, struct range ram);

/* Load the files. Returns 0, or a recorded error that names the file and its
 * fault. */
int boot_load(const struct boot *boot, struct memory *memory,
	      const struct layout *layout, struct boot_places *places);

#endif
