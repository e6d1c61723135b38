// SPDX-License-Identifier: MIT
// Loads an ELF kernel and initrd according to the PVH boot protocol.
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/boot-place.h"
#include "vmm/x86/boot.h"
#include "vmm/x86/elf.h"
#include "vmm/x86/memory-map.h"
#include "vmm/x86/pvh.h"

#define CMDLINE_LIMIT 2047 /* Linux drops what is longer */

/* Xen's public interface, arch-x86/hvm/start_info.h, version 1. */
#define START_MAGIC   0x336ec578
#define START_VERSION 1

struct pvh_start {
	uint32_t magic;
	uint32_t version;
	uint32_t flags;
	uint32_t module_count;
	uint64_t modules; /* guest address, as those below */
	uint64_t cmdline;
	uint64_t rsdp;
	uint64_t map;
	uint32_t map_count;
	uint32_t reserved;
};

struct pvh_module {
	uint64_t address;
	uint64_t size;
	uint64_t cmdline;
	uint64_t reserved;
};

struct pvh_map_entry {
	uint64_t base;
	uint64_t size;
	uint32_t type;
	uint32_t reserved;
};

/* What the guest finds at BOOT_PARAMS. */
struct pvh_page {
	struct pvh_start start;
	struct pvh_module initrd;
	struct pvh_map_entry map[MEMORY_MAP_MAX];
};

_Static_assert(sizeof(struct pvh_start) == 56, "as the interface has it");
_Static_assert(BOOT_PARAMS + sizeof(struct pvh_page) <= BOOT_STACK, "it fits");

struct pvh_places {
	struct elf_kernel kernel;
	uint64_t initrd; /* guest address; 0: none */
	uint32_t entry;
};

/* Notes beyond a bound are none that a kernel has. */
static int read_notes(const struct boot *boot, struct pvh_places *places)
{
	uint8_t notes[ELF_NOTES_MAX];

	for (size_t i = 0; i < places->kernel.note_count; i++) {
		const struct elf_segment *segment = &places->kernel.notes[i];
		int err;

		if (segment->filled > sizeof(notes))
			continue;
		err = boot_file_read(boot, &boot->kernel, notes,
				     segment->filled, segment->offset);
		if (err)
			return err;
		if (elf_find_pvh(notes, segment->filled, segment->align,
				 &places->entry))
			return 0;
	}
	return elf_lacks_pvh(boot->ctx, boot->kernel.path);
}

/* Check the files, and choose the places of what is loaded. */
static int pvh_place(const struct boot *boot, uint64_t ram_end,
		     struct pvh_places *places)
{
	const struct boot_file *file = &boot->kernel;
	int err =
		elf_parse(boot->ctx, file->path, file->head, file->head_length,
			  file->size, ram_end, &places->kernel);

	if (!err)
		err = read_notes(boot, places);
	if (!err)
		err = boot_place_initrd(boot, places->kernel.end, ram_end,
					&places->initrd);
	return err ? err : boot_check_cmdline(boot, CMDLINE_LIMIT);
}

int pvh_check(const struct boot *boot, uint64_t ram_end)
{
	struct pvh_places places;

	return pvh_place(boot, ram_end, &places);
}

/* After a restart RAM holds what the last boot left. */
static int load_segment(const struct boot *boot, struct memory *memory,
			const struct elf_segment *segment)
{
	const uint64_t zeros = segment->room - segment->filled;
	void *to = memory_at(memory, segment->load + segment->filled, zeros);

	if (zeros && !to)
		return boot_lacks_ram(boot);
	if (zeros)
		memset(to, 0, zeros);
	return segment->filled ? boot_load_part(boot, &boot->kernel, memory,
						segment->load, segment->filled,
						segment->offset)
			       : 0;
}

static int load_files(const struct boot *boot, struct memory *memory,
		      const struct pvh_places *places)
{
	int err = 0;

	for (size_t i = 0; !err && i < places->kernel.segment_count; i++)
		err = load_segment(boot, memory, &places->kernel.segments[i]);
	if (!err && places->initrd)
		err = boot_load_part(boot, &boot->initrd, memory,
				     places->initrd, boot->initrd.size, 0);
	return err;
}

static int put_start(const struct boot *boot, struct memory *memory,
		     const struct layout *layout, uint64_t initrd)
{
	struct pvh_page *page = memory_at(memory, BOOT_PARAMS, sizeof(*page));
	struct memory_map_entry map[MEMORY_MAP_MAX];
	size_t count = memory_map_make(layout, map);

	if (!page)
		return -EFAULT;
	*page = (struct pvh_page){
		.start =
			{
				.magic = START_MAGIC,
				.version = START_VERSION,
				.cmdline = BOOT_CMDLINE,
				.rsdp = ACPI_BASE,
				.map = BOOT_PARAMS +
				       offsetof(struct pvh_page, map),
				.map_count = (uint32_t)count,
			},
	};
	for (size_t i = 0; i < count; i++)
		page->map[i] = (struct pvh_map_entry){map[i].base, map[i].size,
						      map[i].type, 0};
	if (!initrd)
		return 0;
	page->start.module_count = 1;
	page->start.modules = BOOT_PARAMS + offsetof(struct pvh_page, initrd);
	page->initrd.address = initrd;
	page->initrd.size = boot->initrd.size;
	return 0;
}

int pvh_load(const struct boot *boot, struct memory *memory,
	     const struct layout *layout, uint64_t *entry)
{
	struct pvh_places places;
	int err = pvh_place(boot, layout_free_end(layout), &places);

	if (!err)
		err = load_files(boot, memory, &places);
	if (err)
		return err;
	if (boot_put_cmdline(boot, memory) ||
	    put_start(boot, memory, layout, places.initrd))
		return boot_lacks_ram(boot);
	*entry = places.entry;
	return 0;
}
