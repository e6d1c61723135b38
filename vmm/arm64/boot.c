// SPDX-License-Identifier: MIT
// Loads a Linux Image, its initrd and its device tree into RAM.
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include <lend/error.h>

#include "vmm/arm64/boot.h"
#include "vmm/arm64/image.h"
#include "vmm/memory/layout.h"
#include "vmm/memory/memory.h"

#define MIB 0x100000

_Static_assert(IMAGE_HEADER_BYTES <= BOOT_HEAD_BYTES, "the header is read");

static int kernel_parse(const struct boot *boot, struct range ram,
			struct image *image)
{
	const struct boot_file *file = &boot->kernel;

	return image_parse(boot->ctx, file->path, file->head, file->head_length,
			   file->size, ram, image);
}

/* The tree gets its own 2 MiB block, because kernels map the whole block. */
static int place_tree(const struct boot *boot, struct range ram,
		      const struct image *image, uint64_t *tree)
{
	*tree = range_align_up(image->load + image->room, BOOT_TREE_SIZE);
	if (range_contains(ram, *tree, BOOT_TREE_SIZE))
		return 0;
	lend_error_set(boot->ctx, LEND_ERROR_IMAGE, ENOMEM, NULL,
		       "the device tree does not fit beside the kernel");
	return lend_error_remedy(boot->ctx, "use a larger -m");
}

static int place_initrd(const struct boot *boot, struct range ram, uint64_t at)
{
	const struct boot_file *file = &boot->initrd;

	if (range_contains(ram, at, file->size))
		return 0;
	lend_error_set(boot->ctx, LEND_ERROR_IMAGE, ENOMEM, NULL,
		       "%s (%" PRIu64 " MiB) does not fit beside the kernel",
		       file->path, file->size / MIB + 1);
	lend_error_evidence(boot->ctx,
			    "guest RAM is free for it from %" PRIu64
			    " to %" PRIu64 " MiB",
			    (at - ram.base) / MIB, ram.size / MIB);
	return lend_error_remedy(boot->ctx, "use a larger -m");
}

/* Check the files, and choose their places. */
static int place_files(const struct boot *boot, struct range ram,
		       struct boot_places *places)
{
	struct image image;
	int err = kernel_parse(boot, ram, &image);

	*places = (struct boot_places){0};
	if (!err)
		err = place_tree(boot, ram, &image, &places->tree);
	if (err)
		return err;
	places->entry = image.load;
	places->page = image.page;
	if (!boot->initrd.path)
		return 0;
	places->initrd = (struct range){places->tree + BOOT_TREE_SIZE,
					boot->initrd.size};
	return place_initrd(boot, ram, places->initrd.base);
}

int boot_check(const struct boot *boot, struct range ram)
{
	struct boot_places places;

	return place_files(boot, ram, &places);
}

static int load_file(const struct boot *boot, const struct boot_file *file,
		     struct memory *memory, uint64_t at)
{
	void *to = memory_at(memory, at, file->size);

	return to ? boot_file_read(boot, file, to, file->size, 0)
		  : boot_file_error(boot->ctx, file, "place", ENOMEM);
}

int boot_load(const struct boot *boot, struct memory *memory,
	      const struct layout *layout, struct boot_places *places)
{
	int err = place_files(boot, layout->ram_low, places);

	if (!err)
		err = load_file(boot, &boot->kernel, memory, places->entry);
	if (!err && boot->initrd.path)
		err = load_file(boot, &boot->initrd, memory,
				places->initrd.base);
	return err;
}
