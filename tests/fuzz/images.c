// SPDX-License-Identifier: MIT
// Files from users: kernels for x86 and arm64, as ELF and compressed too,
// expansion ROMs, overlays.

#include <stdlib.h>

#include <libfdt.h>

#include "lib/pci/rom-image.h"
#include "lib/platform/overlay.h"
#include "stub.h"
#include "tests/unit/vmm/x86/bzimage.h"
#include "tests/unit/vmm/x86/elf-kernel.h"
#include "vmm/arm64/image.h"
#include "vmm/arm64/packed.h"
#include "vmm/x86/boot-header.h"
#include "vmm/x86/elf.h"

#define TREE_SIZE (64u << 10)
#define FILE_SIZE BZIMAGE_SIZE
#define IS_OWN    4 /* bits of the first byte, beside the kind */
#define IS_ELF    8

_Static_assert(ELF_KERNEL_SIZE <= FILE_SIZE, "every kind of file fits");

/* A file of its kind, which the input changes here and there. */
static size_t make_file(struct input *input, unsigned int kind, uint8_t *bytes)
{
	static const uint8_t rom[] = {
		0x55, 0xaa, 1,          [0x18] = 0x1c, [0x1c] = 'P',
		'C',  'I',  'R',        0x86,          0x80,
		0,    0x10, [0x2c] = 1, [0x31] = 0x80};
	size_t size = FILE_SIZE;

	memset(bytes, 0, FILE_SIZE);
	switch (kind) {
	case 0:
		bzimage_make(bytes);
		break;
	case IS_ELF:
		elf_kernel_make(bytes);
		break;
	case 1:
		bytes[18] = 1; /* of memory that it needs */
		memcpy(bytes + 56, "ARM\144", 4);
		break;
	case 2:
		memcpy(bytes, rom, sizeof(rom));
		break;
	default:
		fdt_create_empty_tree(bytes, FILE_SIZE);
		fdt_setprop_string(bytes, fdt_add_subnode(bytes, 0, "fragment"),
				   "target-path", "/device");
		fdt_add_subnode(bytes, fdt_path_offset(bytes, "/fragment"),
				"__overlay__");
		fdt_setprop_u32(bytes,
				fdt_path_offset(bytes, "/fragment/__overlay__"),
				"reg", 1);
		fdt_pack(bytes);
		size = fdt_totalsize(bytes);
	}
	while (input->left) {
		size_t at = input_take(input, 2);

		bytes[at % size] = (uint8_t)input_take(input, 1);
	}
	return size;
}

/* What is loaded is within the guest's memory, and of the file. */
static void parse_bzimage(struct lend_ctx *ctx, const uint8_t *data,
			  size_t size, uint64_t file, uint64_t ram)
{
	struct boot_header h;

	if (boot_header_parse(ctx, "file", data, size, file, ram, &h))
		return;
	if (h.payload > file || h.size > file - h.payload || h.load > ram ||
	    h.room > ram - h.load || h.size > h.room)
		stub_never("a kernel beyond its file or memory");
}

static void parse_elf(struct lend_ctx *ctx, const uint8_t *data, size_t size,
		      uint64_t ram)
{
	struct elf_kernel k;
	uint32_t entry;

	if (elf_parse(ctx, "file", data, size, size, ram, &k))
		return;
	for (size_t i = 0; i < k.segment_count; i++)
		if (k.segments[i].filled > k.segments[i].room ||
		    k.segments[i].filled > size ||
		    k.segments[i].offset > size - k.segments[i].filled ||
		    k.segments[i].load > ram ||
		    k.segments[i].room > ram - k.segments[i].load)
			stub_never("a segment beyond its file or memory");
	for (size_t i = 0; i < k.note_count; i++)
		elf_find_pvh(data + k.notes[i].offset, k.notes[i].filled,
			     k.notes[i].align, &entry);
}

static void parse_image(struct lend_ctx *ctx, const uint8_t *data, size_t size,
			uint64_t file, uint64_t ram)
{
	const struct range range = {0x40000000, ram};
	struct image image;

	if (image_parse(ctx, "file", data, size, file, range, &image))
		return;
	if (image.load < range.base || image.load - range.base > range.size ||
	    image.room > range.size - (image.load - range.base) ||
	    file > image.room)
		stub_never("an Image beyond memory");
}

/* A block of lz4, of which the fuzzer says how long it gets. */
static int fuzz_block(const char *from, char *to, int from_size, int to_size)
{
	int size = (uint8_t)from[0];

	if (size > to_size || size == 0xff)
		return -1;
	memset(to, from[from_size - 1], (size_t)size);
	return size;
}

static void parse_packed(struct lend_ctx *ctx, const uint8_t *data, size_t size,
			 uint64_t file)
{
	struct packed packed;
	uint8_t to[512];

	packed_lz4(data, size, to, sizeof(to), fuzz_block);
	if (packed_parse(ctx, "file", data, size, file, &packed))
		return;
	if (packed.at > file || packed.size > file - packed.at)
		stub_never("a payload beyond its file");
}

static void patch_rom(uint8_t *data, size_t size)
{
	const struct rom_ids ids = {0x8086, 0x1af4, 0x1000};

	rom_image_patch(data, size, &ids);
}

static void apply_overlay(struct lend_ctx *ctx, const uint8_t *data,
			  size_t size)
{
	void *tree;

	if (overlay_check(ctx, data, (uint32_t)size))
		return;
	tree = malloc(TREE_SIZE);
	if (tree && !fdt_create_empty_tree(tree, TREE_SIZE)) {
		int node = fdt_add_subnode(tree, 0, "device");

		fdt_setprop_u32(tree, node, "phandle", 1);
		overlay_sets(data, "/device", "reg");
		overlay_apply(ctx, tree, "/device", data, (uint32_t)size);
	}
	free(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	struct lend_ctx *ctx = stub_get()->ctx;
	uint8_t kind = (uint8_t)input_take(&input, 1);
	/* Of the file as a whole, and of memory. */
	uint64_t file = input.left + (input_take(&input, 2) << 12);
	uint64_t ram = 1 + input_take(&input, 3) * 0x1000;
	/* Aligned, and just as large, as files are read. */
	bool is_own = kind & IS_OWN;
	size_t length = is_own ? input.left : FILE_SIZE;
	uint8_t *bytes = malloc(length + 1);

	if (!bytes)
		return 0;
	if (is_own)
		input_fill(&input, bytes, length);
	else
		length = make_file(&input, kind & (3 | IS_ELF), bytes);
	switch (kind & (3 | IS_ELF)) {
	case 0:
		parse_bzimage(ctx, bytes, length, file, ram);
		break;
	case IS_ELF:
		parse_elf(ctx, bytes, length, ram);
		break;
	case 1:
		parse_image(ctx, bytes, length, file, ram);
		parse_packed(ctx, bytes, length, file);
		break;
	case 2:
		patch_rom(bytes, length);
		break;
	default:
		apply_overlay(ctx, bytes, length);
	}
	free(bytes);
	return 0;
}
