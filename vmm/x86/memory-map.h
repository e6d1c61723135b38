/* SPDX-License-Identifier: MIT */
/* The map of RAM and reserved addresses that a guest's kernel starts with. */
#ifndef VMM_X86_MEMORY_MAP_H
#define VMM_X86_MEMORY_MAP_H

#include <stddef.h>
#include <stdint.h>

struct layout;

#define MEMORY_MAP_MAX 10

/* As BIOS call E820 and PVH number them. */
enum memory_map_type {
	MEMORY_MAP_RAM = 1,
	MEMORY_MAP_RESERVED = 2,
	MEMORY_MAP_ACPI = 3,
};

struct memory_map_entry {
	uint64_t base, size;
	enum memory_map_type type;
};

/* Write the map, in ascending order. Returns the number of entries. Pure. */
size_t memory_map_make(const struct layout *layout,
		       struct memory_map_entry entries[MEMORY_MAP_MAX]);

#endif
