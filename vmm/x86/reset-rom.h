/* SPDX-License-Identifier: MIT */
/* The read-only page at both reset vectors, whose code resets the machine. */
#ifndef VMM_X86_RESET_ROM_H
#define VMM_X86_RESET_ROM_H

#include <stdint.h>

#include "arch-map.h"

struct space;

extern const uint8_t reset_rom[LAYOUT_ROM_SIZE];

/* Map the page at both places, for the life of the VM. Returns 0, or -errno;
 * nothing is recorded. */
int reset_rom_map(struct space *space);

#endif
