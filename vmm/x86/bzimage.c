// SPDX-License-Identifier: MIT
// Loads a Linux bzImage and initrd according to the 64-bit boot protocol.
#include <errno.h>
#include <string.h>

#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/boot-header.h"
#include "vmm/x86/boot-place.h"
#include "vmm/x86/boot.h"
#include "vmm/x86/bzimage.h"
#include "vmm/x86/memory-map.h"

#define ENTRY_64           0x200 /* from the start of the loaded kernel */
#define LOADER_UNDEFINED   0xff
#define CMDLINE_OLD_LIMIT  255
#define INITRD_MAX_DEFAULT 0x37ffffff
#define PAGE               4096UL

#define PTE_PRESENT 0x01
#define PTE_WRITE   0x02
#define PTE_LARGE   0x80
#define PTE_USED    0x60 /* accessed and dirty: no write by the page walker */

_Static_assert(BOOT_HEADER_BYTES <= BOOT_HEAD_BYTES, "the header is read");

static int bzimage_parse(const struct boot *boot, uint64_t ram_end,
			 struct boot_header *header)
{
	const struct boot_file *file = &boot->kernel;

	return boot_header_parse(boot->ctx, file->path, file->head,
				 file->head_length, file->size, ram_end,
				 header);
}

/* As high as the kernel allows, above the space that it decompresses into. */
static int bzimage_place_initrd(const struct boot *boot, uint64_t ram_end,
				struct boot_header *header)
{
	uint64_t top = header->setup.initrd_addr_max, at;
	int err;

	if (!top)
		top = INITRD_MAX_DEFAULT;
	top++;
	err = boot_place_initrd(boot, header->load + header->room,
				top < ram_end ? top : ram_end, &at);
	if (err || !at)
		return err;
	header->setup.ramdisk_image = (uint32_t)at;
	header->setup.ramdisk_size = (uint32_t)boot->initrd.size;
	return 0;
}

/* Check the files, and choose the places of what is loaded. */
static int bzimage_place(const struct boot *boot, uint64_t ram_end,
			 struct boot_header *header)
{
	int err = bzimage_parse(boot, ram_end, header);

	if (!err)
		err = bzimage_place_initrd(boot, ram_end, header);
	if (!err)
		err = boot_check_cmdline(boot,
					 header->setup.cmdline_size
						 ? header->setup.cmdline_size
						 : CMDLINE_OLD_LIMIT);
	return err;
}

int bzimage_check(const struct boot *boot, uint64_t ram_end)
{
	struct boot_header header;

	return bzimage_place(boot, ram_end, &header);
}

static int bzimage_load_files(const struct boot *boot, struct memory *memory,
			      const struct boot_header *header)
{
	int err = boot_load_part(boot, &boot->kernel, memory, header->load,
				 header->size, header->payload);

	if (!err && boot->initrd.path)
		err = boot_load_part(boot, &boot->initrd, memory,
				     header->setup.ramdisk_image,
				     boot->initrd.size, 0);
	return err;
}

static int put_params(struct memory *memory, const struct layout *layout,
		      const struct boot_header *header)
{
	struct boot_params *params =
		memory_at(memory, BOOT_PARAMS, sizeof(*params));
	struct memory_map_entry map[MEMORY_MAP_MAX];
	size_t count = memory_map_make(layout, map);

	if (!params)
		return -EFAULT;
	memset(params, 0, sizeof(*params));
	params->hdr = header->setup;
	params->hdr.cmd_line_ptr = BOOT_CMDLINE;
	params->hdr.type_of_loader = LOADER_UNDEFINED;
	params->hdr.loadflags &= (uint8_t) ~(CAN_USE_HEAP | KEEP_SEGMENTS);
	params->hdr.code32_start = (uint32_t)header->load;
	params->hdr.setup_data = 0;
	params->hdr.vid_mode = 0xffff;
	params->acpi_rsdp_addr = ACPI_BASE;
	params->e820_entries = (uint8_t)count;
	for (size_t i = 0; i < count; i++)
		params->e820_table[i] = (struct boot_e820_entry){
			map[i].base, map[i].size, map[i].type};
	return 0;
}

/* Write an identity mapping of the first gigabyte, and flat segments. */
static int put_tables(struct memory *memory)
{
	/* null, unused, 64-bit code at 0x10, data at 0x18, as in Linux */
	static const uint64_t gdt[4] = {0, 0, 0x00af9b000000ffff,
					0x00cf93000000ffff};
	uint64_t *at_gdt = memory_at(memory, BOOT_GDT, sizeof(gdt));
	uint64_t *pages = memory_at(memory, BOOT_PAGES, 3 * PAGE);
	uint64_t *level3, *level2;

	if (!at_gdt || !pages)
		return -EFAULT;
	memcpy(at_gdt, gdt, sizeof(gdt));
	memset(pages, 0, 3 * PAGE);
	level3 = pages + PAGE / sizeof(*pages);
	level2 = level3 + PAGE / sizeof(*pages);
	pages[0] = (BOOT_PAGES + PAGE) | PTE_PRESENT | PTE_WRITE | PTE_USED;
	level3[0] =
		(BOOT_PAGES + 2 * PAGE) | PTE_PRESENT | PTE_WRITE | PTE_USED;
	for (uint64_t i = 0; i < PAGE / sizeof(*pages); i++)
		level2[i] = i << 21 | PTE_PRESENT | PTE_WRITE | PTE_USED |
			    PTE_LARGE;
	return 0;
}

int bzimage_load(const struct boot *boot, struct memory *memory,
		 const struct layout *layout, uint64_t *entry)
{
	struct boot_header header;
	int err = bzimage_place(boot, layout_free_end(layout), &header);

	if (!err)
		err = bzimage_load_files(boot, memory, &header);
	if (err)
		return err;
	if (boot_put_cmdline(boot, memory) ||
	    put_params(memory, layout, &header) || put_tables(memory))
		return boot_lacks_ram(boot);
	*entry = header.load + ENTRY_64;
	return 0;
}
