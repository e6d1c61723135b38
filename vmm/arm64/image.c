// SPDX-License-Identifier: MIT
// Validates the header of an arm64 Image before any field is used.
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/arm64/image.h"
#include "vmm/boot/kind.h"

#define MIB   0x100000
#define ALIGN UINT64_C(0x200000) /* of the base that text_offset adds to */

/* From Linux's arm64 boot protocol; all fields are little-endian. */
struct header {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size;
	uint64_t flags;
	uint64_t reserved[3];
	uint8_t magic[4];
	uint32_t pe;
};

_Static_assert(sizeof(struct header) == 64, "the header of an Image");

static int image_check(struct lend_ctx *ctx, const char *path,
		       const uint8_t *bytes, size_t length)
{
	static const struct boot_format format = {
		.name = "a Linux arm64 Image",
		.file = "the Image (arch/arm64/boot/Image)",
		.kernel = "an arm64 kernel",
	};
	const struct header *header = (const void *)bytes;

	if (length >= sizeof(*header) &&
	    !memcmp(header->magic, "ARM\144", sizeof(header->magic)))
		return 0;
	return boot_not_a_kernel(ctx, path, bytes, length, &format);
}

#define FLAG_BIG_ENDIAN 1

/* A kernel with an EFI stub is a PE file, whose sections say how long it is. */
#define PE_SECTIONS  6  /* their number */
#define PE_OPTIONAL  20 /* size of what precedes them */
#define PE_HEADER    24
#define SECTION_SIZE 40
#define SECTION_RAW  16 /* bytes in the file, then where */

static uint64_t image_number(const uint8_t *bytes, unsigned int size)
{
	uint64_t value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}

/* Returns the end of the last section; 0 if that is unknown. */
static uint64_t image_file_end(const uint8_t *bytes, size_t length, uint32_t pe)
{
	uint64_t at, count, end = 0;

	if (pe > length || length - pe < PE_HEADER ||
	    memcmp(bytes + pe, "PE\0\0", 4))
		return 0;
	count = image_number(bytes + pe + PE_SECTIONS, 2);
	at = pe + PE_HEADER + image_number(bytes + pe + PE_OPTIONAL, 2);
	for (; count && at + SECTION_SIZE <= length;
	     count--, at += SECTION_SIZE) {
		const uint8_t *raw = bytes + at + SECTION_RAW;
		uint64_t last = image_number(raw, 4) + image_number(raw + 4, 4);

		if (last > end)
			end = last;
	}
	return end;
}

/* What the header says of the kernel, apart from its place. */
static int image_check_kind(struct lend_ctx *ctx, const char *path,
			    uint64_t flags, struct image *image)
{
	unsigned int shift = flags >> 1 & 3; /* 4, 16 and 64 KiB */

	image->page = shift ? UINT64_C(1024) << (2 * shift) : 0;
	if (!(flags & FLAG_BIG_ENDIAN))
		return 0;
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
		       "%s is a big-endian kernel, which is unsupported", path);
	return lend_error_remedy(ctx, "give a little-endian kernel");
}

static int image_check_end(struct lend_ctx *ctx, const char *path, uint64_t end,
			   uint64_t file_size)
{
	if (end <= file_size)
		return 0;
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
		       "%s is truncated: %" PRIu64 " of %" PRIu64 " bytes",
		       path, file_size, end);
	return lend_error_remedy(ctx, "copy the kernel again");
}

static int image_too_large(struct lend_ctx *ctx, const char *path,
			   uint64_t need, uint64_t have)
{
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOMEM, NULL,
		       "%s needs %" PRIu64 " MiB of RAM to start; the guest "
		       "has %" PRIu64 " MiB",
		       path, need / MIB + 1, have / MIB);
	return lend_error_remedy(ctx, "use a larger -m");
}

int image_parse(struct lend_ctx *ctx, const char *path, const uint8_t *bytes,
		size_t length, uint64_t file_size, struct range ram,
		struct image *image)
{
	struct header header;
	uint64_t offset, size, base = range_align_up(ram.base, ALIGN);
	int err = image_check(ctx, path, bytes, length);

	if (err)
		return err;
	memcpy(&header, bytes, sizeof(header));
	err = image_check_kind(ctx, path, le64toh(header.flags), image);
	if (!err)
		err = image_check_end(
			ctx, path,
			image_file_end(bytes, length, le32toh(header.pe)),
			file_size);
	if (err)
		return err;
	offset = le64toh(header.text_offset);
	size = le64toh(header.image_size);
	if (!size) {
		lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
			       "%s has an image_size of 0 in its header", path);
		return lend_error_remedy(ctx, "use Linux 3.17 or later");
	}
	if (offset >= ALIGN) {
		lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
			       "%s: text_offset %#" PRIx64 " is out of range",
			       path, offset);
		return lend_error_remedy(ctx, "copy the kernel again");
	}
	if (size < file_size)
		size = file_size;
	image->load = base + offset;
	image->room = size;
	if (!range_contains(ram, image->load, size))
		return image_too_large(
			ctx, path,
			size > UINT64_MAX - ALIGN ? size : size + offset,
			ram.size);
	return 0;
}
