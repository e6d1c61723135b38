/* SPDX-License-Identifier: MIT */
/* Places the initrd and the command line, and loads files into guest RAM. */
#ifndef VMM_X86_BOOT_PLACE_H
#define VMM_X86_BOOT_PLACE_H

#include <stdint.h>

#include "vmm/boot/file.h"

struct memory;

/*
 * Place the initrd as high as possible in RAM from @floor to @top. *at receives
 * its guest address, or 0 if there is none. Returns 0 or a recorded error.
 */
int boot_place_initrd(const struct boot *boot, uint64_t floor, uint64_t top,
		      uint64_t *at);

/* Check that -append has at most @limit bytes. Returns 0 or a recorded error.
 */
int boot_check_cmdline(const struct boot *boot, uint64_t limit);

/* Write -append to BOOT_CMDLINE. Returns 0, or -EFAULT without enough RAM. */
int boot_put_cmdline(const struct boot *boot, struct memory *memory);

/* Load @size bytes at @offset of @file to @at. Returns 0 or a recorded error.
 */
int boot_load_part(const struct boot *boot, const struct boot_file *file,
		   struct memory *memory, uint64_t at, uint64_t size,
		   uint64_t offset);

/* Record that the guest has too little RAM to start at all. Returns -ENOMEM. */
int boot_lacks_ram(const struct boot *boot);

#endif
