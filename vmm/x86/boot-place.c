// SPDX-License-Identifier: MIT
// Places the initrd and the command line, and loads files into guest RAM.
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/memory/memory.h"
#include "vmm/x86/boot-place.h"
#include "vmm/x86/boot.h"

#define PAGE 4096UL
#define MIB  0x100000

int boot_place_initrd(const struct boot *boot, uint64_t floor, uint64_t top,
		      uint64_t *at)
{
	const struct boot_file *file = &boot->initrd;
	struct lend_ctx *ctx = boot->ctx;

	*at = 0;
	if (!file->path)
		return 0;
	if (file->size < top)
		*at = (top - file->size) & ~(PAGE - 1);
	if (*at >= floor)
		return 0;
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOMEM, NULL,
		       "%s (%" PRIu64 " MiB) does not fit beside the kernel",
		       file->path, file->size / MIB + 1);
	lend_error_evidence(ctx,
			    "guest RAM is free for it from %" PRIu64
			    " to %" PRIu64 " MiB",
			    floor / MIB + 1, top / MIB);
	return lend_error_remedy(ctx, "use a larger -m");
}

int boot_check_cmdline(const struct boot *boot, uint64_t limit)
{
	size_t length = strlen(boot->append);

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

int boot_put_cmdline(const struct boot *boot, struct memory *memory)
{
	char *cmdline = memory_at(memory, BOOT_CMDLINE, BOOT_CMDLINE_MAX);

	if (!cmdline)
		return -EFAULT;
	memcpy(cmdline, boot->append, strlen(boot->append) + 1);
	return 0;
}

int boot_load_part(const struct boot *boot, const struct boot_file *file,
		   struct memory *memory, uint64_t at, uint64_t size,
		   uint64_t offset)
{
	void *to = memory_at(memory, at, size);

	return to ? boot_file_read(boot, file, to, size, offset)
		  : boot_file_error(boot->ctx, file, "place", ENOMEM);
}

int boot_lacks_ram(const struct boot *boot)
{
	return lend_error_set(boot->ctx, LEND_ERROR_IMAGE, ENOMEM, NULL,
			      "the guest has too little RAM to boot");
}
