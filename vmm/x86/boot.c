// SPDX-License-Identifier: MIT
// Loads a Linux bzImage and initrd according to the 64-bit boot protocol.
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/boot-header.h"
#include "vmm/x86/boot.h"
#include "vmm/x86/reset-rom.h"

#define ENTRY_64           0x200 /* from the start of the loaded kernel */
#define LOADER_UNDEFINED   0xff
#define CMDLINE_OLD_LIMIT  255
#define INITRD_MAX_DEFAULT 0x37ffffff
#define PAGE               4096UL
#define E820_RAM           1
#define E820_RESERVED      2
#define E820_ACPI          3
#define MIB                0x100000

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
	const struct boot_file *file = &boot->initrd;
	struct lend_ctx *ctx = boot->ctx;
	uint64_t top = header->setup.initrd_addr_max, floor, at;

	if (!top)
		top = INITRD_MAX_DEFAULT;
	top++;
	if (top > ram_end)
		top = ram_end;
	floor = header->load + header->room;
	at = file->size < top ? (top - file->size) & ~(PAGE - 1) : 0;
	if (at < floor) {
		lend_error_set(ctx, LEND_ERROR_IMAGE, ENOMEM, NULL,
			       "%s (%" PRIu64 " MiB) does not fit beside the "
			       "kernel",
			       file->path, file->size / MIB + 1);
		lend_error_evidence(ctx,
				    "guest RAM is free for it from %" PRIu64
				    " to %" PRIu64 " MiB",
				    floor / MIB + 1, top / MIB);
		return lend_error_remedy(ctx, "use a larger -m");
	}
	header->setup.ramdisk_image = (uint32_t)at;
	header->setup.ramdisk_size = (uint32_t)file->size;
	return 0;
}

static int bzimage_check_cmdline(const struct boot *boot,
				 const struct boot_header *header)
{
	uint64_t limit = header->setup.cmdline_size;
	size_t length = strlen(boot->append);

	if (!limit)
		limit = CMDLINE_OLD_LIMIT;
	if (limit > BOOT_CMDLINE_MAX - 1)
		limit = BOOT_CMDLINE_MAX - 1;
	if (length <= limit)
		return 0;
	lend_error_set(boot->ctx, LEND_ERROR_IMAGE, E2BIG, NULL,
		       "-append is %zu bytes long; this kernel accepts at most "
		       "%" PRIu64,
		       length, limit);
	return lend_error_remedy(boot->ctx, "shorten -append");
}

/* Check the files, and choose the places of what is loaded. */
static int bzimage_place(const struct boot *boot, uint64_t ram_end,
			 struct boot_header *header)
{
	int err = bzimage_parse(boot, ram_end, header);

	if (!err && boot->initrd.path)
		err = bzimage_place_initrd(boot, ram_end, header);
	return err ? err : bzimage_check_cmdline(boot, header);
}

int boot_check(const struct boot *boot, uint64_t ram_end)
{
	struct boot_header header;

	return bzimage_place(boot, ram_end, &header);
}

static int bzimage_load(const struct boot *boot, const struct boot_file *file,
			struct memory *memory, uint64_t at, uint64_t size,
			uint64_t offset)
{
	void *to = memory_at(memory, at, size);

	return to ? boot_file_read(boot, file, to, size, offset)
		  : boot_file_error(boot->ctx, file, "place", ENOMEM);
}

static int bzimage_load_files(const struct boot *boot, struct memory *memory,
			      const struct boot_header *header)
{
	int err = bzimage_load(boot, &boot->kernel, memory, header->load,
			       header->size, header->payload);

	if (!err && boot->initrd.path)
		err = bzimage_load(boot, &boot->initrd, memory,
				   header->setup.ramdisk_image,
				   boot->initrd.size, 0);
	return err;
}

static void add_e820(struct boot_params *params, uint64_t base, uint64_t size,
		     uint32_t type)
{
	if (size)
		params->e820_table[params->e820_entries++] =
			(struct boot_e820_entry){base, size, type};
}

static int put_params(struct memory *memory, const struct layout *layout,
		      const struct boot_header *header, const char *append)
{
	struct boot_params *params =
		memory_at(memory, BOOT_PARAMS, sizeof(*params));
	char *cmdline = memory_at(memory, BOOT_CMDLINE, BOOT_CMDLINE_MAX);

	if (!params || !cmdline)
		return -EFAULT;
	memcpy(cmdline, append, strlen(append) + 1);
	memset(params, 0, sizeof(*params));
	params->hdr = header->setup;
	params->hdr.cmd_line_ptr = BOOT_CMDLINE;
	params->hdr.type_of_loader = LOADER_UNDEFINED;
	params->hdr.loadflags &= (uint8_t) ~(CAN_USE_HEAP | KEEP_SEGMENTS);
	params->hdr.code32_start = (uint32_t)header->load;
	params->hdr.setup_data = 0;
	params->hdr.vid_mode = 0xffff;
	params->acpi_rsdp_addr = ACPI_BASE;
	add_e820(params, 0, BOOT_LOW_END, E820_RAM);
	add_e820(params, ACPI_BASE, ACPI_SIZE, E820_ACPI);
	add_e820(params, LAYOUT_ROM_LOW, LAYOUT_ROM_SIZE, E820_RESERVED);
	add_e820(params, BOOT_KERNEL_MIN,
		 layout_free_end(layout) - BOOT_KERNEL_MIN, E820_RAM);
	add_e820(params, layout->tables.base, layout->tables.size,
		 E820_RESERVED);
	add_e820(params, layout->ecam.base, layout->ecam.size, E820_RESERVED);
	add_e820(params, LAYOUT_ROM_HIGH, LAYOUT_ROM_SIZE, E820_RESERVED);
	add_e820(params, layout->ram_high.base, layout->ram_high.size,
		 E820_RAM);
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

int boot_load(const struct boot *boot, struct memory *memory,
	      const struct layout *layout, uint64_t *entry)
{
	struct boot_header header;
	int err = bzimage_place(boot, layout_free_end(layout), &header);

	if (!err)
		err = bzimage_load_files(boot, memory, &header);
	if (err)
		return err;
	if (put_params(memory, layout, &header, boot->append) ||
	    put_tables(memory) || reset_rom_put(memory))
		return lend_error_set(boot->ctx, LEND_ERROR_IMAGE, ENOMEM, NULL,
				      "the guest has too little RAM to boot");
	*entry = header.load + ENTRY_64;
	return 0;
}
