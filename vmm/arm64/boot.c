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

static int image_load_kernel(const struct boot *boot, struct memory *memory,
			     struct range ram, struct image *image)
{
	const struct boot_file *file = &boot->kernel;
	uint8_t head[IMAGE_HEADER_BYTES];
	size_t length;
	void *to;
	int err;

	length = file->size < sizeof(head) ? file->size : sizeof(head);
	err = boot_file_read(boot, file, head, length, 0);
	if (!err)
		err = image_parse(boot->ctx, file->path, head, length,
				  file->size, ram, image);
	if (err)
		return err;
	to = memory_at(memory, image->load, file->size);
	if (!to)
		return boot_file_error(boot->ctx, file, "place", ENOMEM);
	return boot_file_read(boot, file, to, file->size, 0);
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

static int image_load_initrd(const struct boot *boot, struct memory *memory,
			     struct range ram, uint64_t at)
{
	const struct boot_file *file = &boot->initrd;
	void *to = NULL;

	if (range_contains(ram, at, file->size))
		to = memory_at(memory, at, file->size);
	if (to)
		return boot_file_read(boot, file, to, file->size, 0);
	lend_error_set(boot->ctx, LEND_ERROR_IMAGE, ENOMEM, NULL,
		       "%s (%" PRIu64 " MiB) does not fit beside the kernel",
		       file->path, file->size / MIB + 1);
	lend_error_evidence(boot->ctx,
			    "guest RAM is free for it from %" PRIu64
			    " to %" PRIu64 " MiB",
			    (at - ram.base) / MIB, ram.size / MIB);
	return lend_error_remedy(boot->ctx, "use a larger -m");
}

int boot_load(const struct boot *boot, struct memory *memory,
	      const struct layout *layout, struct boot_places *places)
{
	struct range ram = layout->ram_low;
	struct image image;
	int err;

	*places = (struct boot_places){0};
	err = image_load_kernel(boot, memory, ram, &image);
	if (!err)
		err = place_tree(boot, ram, &image, &places->tree);
	if (err)
		return err;
	places->entry = image.load;
	if (!boot->initrd.path)
		return 0;
	places->initrd = (struct range){places->tree + BOOT_TREE_SIZE,
					boot->initrd.size};
	return image_load_initrd(boot, memory, ram, places->initrd.base);
}
