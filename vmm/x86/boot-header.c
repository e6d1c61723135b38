// SPDX-License-Identifier: MIT
// Validates the setup header of a bzImage before any field is used.
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/boot/kind.h"
#include "vmm/x86/boot-header.h"
#include "vmm/x86/boot.h"

#define HEADER_AT       0x1f1
#define SECTOR          512
#define DEFAULT_SECTORS 4
#define JUMP_AT         0x201 /* its value + 0x202 is the header's end */
#define VERSION_64BIT   0x020c
#define MIB             0x100000

static int not_a_kernel(struct lend_ctx *ctx, const char *path,
			const uint8_t *bytes, size_t length)
{
	static const struct boot_format format = {
		.name = "a Linux bzImage",
		.file = "the bzImage (arch/x86/boot/bzImage)",
		.kernel = "an x86-64 kernel",
	};

	return boot_not_a_kernel(ctx, path, bytes, length, &format);
}

static int bad_header(struct lend_ctx *ctx, const char *path, const char *what,
		      const char *remedy)
{
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL, "%s: %s", path,
		       what);
	return lend_error_remedy(ctx, "%s", remedy);
}

/* Copy the header; fields beyond its end are zero. */
static int copy_header(struct lend_ctx *ctx, const char *path,
		       const uint8_t *bytes, size_t length,
		       struct setup_header *setup)
{
	size_t end;

	memset(setup, 0, sizeof(*setup));
	if (length < JUMP_AT + 1 || memcmp(bytes + 0x1fe, "\x55\xaa", 2) ||
	    memcmp(bytes + 0x202, "HdrS", length < 0x206 ? 0 : 4) ||
	    length < 0x206)
		return not_a_kernel(ctx, path, bytes, length);
	end = 0x202 + (size_t)bytes[JUMP_AT];
	if (end > length)
		return bad_header(ctx, path,
				  "the file ends within its setup header",
				  "copy the kernel again");
	if (end - HEADER_AT > sizeof(*setup))
		end = HEADER_AT + sizeof(*setup);
	memcpy(setup, bytes + HEADER_AT, end - HEADER_AT);
	return 0;
}

static int check_setup(struct lend_ctx *ctx, const char *path,
		       const struct setup_header *setup)
{
	if (setup->version < VERSION_64BIT) {
		lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
			       "%s uses boot protocol %u.%02u; 2.12 or "
			       "later is required",
			       path, setup->version >> 8u,
			       setup->version & 0xffu);
		return lend_error_remedy(ctx, "use Linux 3.8 or later");
	}
	if (!(setup->loadflags & LOADED_HIGH))
		return bad_header(ctx, path,
				  "zImage kernels (loaded low) are unsupported",
				  "build a bzImage");
	if (!(setup->xloadflags & XLF_KERNEL_64))
		return bad_header(ctx, path, "it is a 32-bit kernel",
				  "use an x86-64 kernel");
	return 0;
}

static int find_payload(struct lend_ctx *ctx, const char *path,
			uint64_t file_size, struct boot_header *header)
{
	const struct setup_header *setup = &header->setup;
	unsigned int sectors =
		setup->setup_sects ? setup->setup_sects : DEFAULT_SECTORS;
	uint64_t size = (uint64_t)setup->syssize * 16;

	header->payload = (uint64_t)(sectors + 1) * SECTOR;
	if (header->payload >= file_size)
		return bad_header(ctx, path,
				  "the file ends before the kernel code",
				  "copy the kernel again");
	header->size = file_size - header->payload;
	/* syssize is rounded up to 16 bytes; the file need not be. */
	if (size && header->size + 15 < size) {
		lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
			       "%s is truncated: %" PRIu64 " of %" PRIu64
			       " bytes",
			       path, file_size, header->payload + size);
		return lend_error_remedy(ctx, "copy the kernel again");
	}
	/* Data after it, such as a signature, is not loaded. */
	if (size && header->size > size)
		header->size = size;
	return 0;
}

int boot_error_room(struct lend_ctx *ctx, const char *path, uint64_t end,
		    uint64_t ram)
{
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOMEM, NULL,
		       "%s needs %" PRIu64 " MiB of RAM to start; the guest "
		       "has %" PRIu64 " MiB",
		       path, end / MIB + 1, ram / MIB);
	return lend_error_remedy(ctx, "use a larger -m");
}

static int find_place(struct lend_ctx *ctx, const char *path, uint64_t ram_low,
		      struct boot_header *header)
{
	const struct setup_header *setup = &header->setup;
	uint64_t end, limit = ram_low < BOOT_MAPPED ? ram_low : BOOT_MAPPED;
	uint64_t align = setup->kernel_alignment;

	header->room = setup->init_size > header->size ? setup->init_size
						       : header->size;
	header->load = setup->pref_address;
	if (header->load < BOOT_KERNEL_MIN)
		header->load = BOOT_KERNEL_MIN;
	if (__builtin_add_overflow(header->load, header->room, &end))
		end = UINT64_MAX;
	if (end > limit && setup->relocatable_kernel && align &&
	    !(align & (align - 1)) && align <= BOOT_MAPPED) {
		/* Not at the preferred address: as low as possible. */
		header->load =
			align > BOOT_KERNEL_MIN ? align : BOOT_KERNEL_MIN;
		end = header->load + header->room;
	}
	return end <= limit ? 0 : boot_error_room(ctx, path, end, ram_low);
}

int boot_header_parse(struct lend_ctx *ctx, const char *path,
		      const uint8_t *bytes, size_t length, uint64_t file_size,
		      uint64_t ram_low, struct boot_header *header)
{
	int err;

	*header = (struct boot_header){};
	err = copy_header(ctx, path, bytes, length, &header->setup);
	if (!err)
		err = check_setup(ctx, path, &header->setup);
	if (!err)
		err = find_payload(ctx, path, file_size, header);
	if (!err)
		err = find_place(ctx, path, ram_low, header);
	return err;
}
