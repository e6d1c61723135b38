// SPDX-License-Identifier: MIT
// The map of RAM and reserved addresses that a guest's kernel starts with.
#include "vmm/memory/layout.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/boot.h"
#include "vmm/x86/memory-map.h"

/* Between two pieces of RAM above 4 GiB: devices do not reach it. */
static struct range memory_map_hole(const struct layout *layout)
{
	uint64_t base = layout->ram_high.base + layout->ram_high.size;

	return layout->ram_more.size
		       ? (struct range){base, layout->ram_more.base - base}
		       : (struct range){0};
}

size_t memory_map_make(const struct layout *layout,
		       struct memory_map_entry entries[MEMORY_MAP_MAX])
{
	const struct range hole = memory_map_hole(layout);
	const struct memory_map_entry all[MEMORY_MAP_MAX] = {
		{0, BOOT_LOW_END, MEMORY_MAP_RAM},
		{ACPI_BASE, ACPI_SIZE, MEMORY_MAP_ACPI},
		{LAYOUT_ROM_LOW, LAYOUT_ROM_SIZE, MEMORY_MAP_RESERVED},
		{BOOT_KERNEL_MIN, layout_free_end(layout) - BOOT_KERNEL_MIN,
		 MEMORY_MAP_RAM},
		{layout->tables.base, layout->tables.size, MEMORY_MAP_RESERVED},
		{layout->ecam.base, layout->ecam.size, MEMORY_MAP_RESERVED},
		{LAYOUT_ROM_HIGH, LAYOUT_ROM_SIZE, MEMORY_MAP_RESERVED},
		{layout->ram_high.base, layout->ram_high.size, MEMORY_MAP_RAM},
		{hole.base, hole.size, MEMORY_MAP_RESERVED},
		{layout->ram_more.base, layout->ram_more.size, MEMORY_MAP_RAM},
	};
	size_t count = 0;

	for (size_t i = 0; i < MEMORY_MAP_MAX; i++)
		if (all[i].size)
			entries[count++] = all[i];
	return count;
}
