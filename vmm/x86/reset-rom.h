/* SPDX-License-Identifier: MIT */
/* The page at both reset vectors, whose code resets the machine. */
#ifndef VMM_X86_RESET_ROM_H
#define VMM_X86_RESET_ROM_H

#include <stdint.h>

#include "arch-map.h"

struct memory;
struct lend_kvm;

extern const uint8_t reset_rom[LAYOUT_ROM_SIZE];

/* Map the page at the upper vector, for the life of the VM. Returns 0, or
 * -errno; nothing is recorded. */
int reset_rom_map(struct lend_kvm *kvm);

/* Write the page to RAM at the lower vector. Returns 0, or -EFAULT if the guest
 * has no RAM there. */
int reset_rom_put(struct memory *memory);

#endif
