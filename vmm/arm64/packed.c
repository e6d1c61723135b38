// SPDX-License-Identifier: MIT
// Recognises a compressed kernel, as distributions ship them for arm64.
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/arm64/packed.h"

/* An EFI program that decompresses its payload (EFI zboot). */
struct zboot {
	uint8_t mz[4];
	uint8_t type[4]; /* "zimg" */
	uint32_t at, size;
	uint32_t reserved[2];
	char compression[32];
};

_Static_assert(sizeof(struct zboot) == 56, "the header of an EFI zboot image");

#define LZ4_MAGIC "\002!L\030"
#define LZ4_BLOCK (8 << 20) /* most bytes of an unpacked block */

static const struct {
	enum packing packing;
	const char *magic;
	size_t length;
	const char *zboot; /* names in a zboot header, or NULL: none */
	const char *other;
} packings[] = {
	{PACKING_GZIP, "\037\213", 2, "gzip", NULL},
	{PACKING_ZSTD, "\050\265\057\375", 4, "zstd", "zstd22"},
	{PACKING_XZ, "\3757zXZ", 6, "xzkern", "xz"},
	{PACKING_LZ4, LZ4_MAGIC, 4, "lz4", NULL},
};

#define PACKINGS (sizeof(packings) / sizeof(packings[0]))

static int packed_refuse(struct lend_ctx *ctx, const char *path,
			 const char *what)
{
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL, "%s %s", path,
		       what);
	return lend_error_remedy(ctx, "copy the kernel again");
}

/* The kernel can be extracted by hand, whatever it is compressed with. */
static int packed_unknown(struct lend_ctx *ctx, const char *path,
			  const struct zboot *zboot)
{
	char name[sizeof(zboot->compression) + 1] = "";

	memcpy(name, zboot->compression, sizeof(zboot->compression));
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
		       "%s is compressed in a way that is unsupported", path);
	lend_error_evidence(ctx,
			    "an EFI zboot image names it \"%s\"; gzip, "
			    "zstd, xz and lz4 are supported",
			    name);
	return lend_error_remedy(ctx,
				 "extract its kernel and unpack that: tail -c "
				 "+%" PRIu64 " %s | head -c %" PRIu32,
				 (uint64_t)le32toh(zboot->at) + 1, path,
				 le32toh(zboot->size));
}

static enum packing zboot_packing(const struct zboot *zboot)
{
	size_t room = sizeof(zboot->compression);

	for (size_t i = 0; i < PACKINGS; i++)
		if (!strncmp(zboot->compression, packings[i].zboot, room) ||
		    (packings[i].other &&
		     !strncmp(zboot->compression, packings[i].other, room)))
			return packings[i].packing;
	return PACKING_NONE;
}

static int zboot_parse(struct lend_ctx *ctx, const char *path,
		       const uint8_t *bytes, uint64_t file_size,
		       struct packed *packed)
{
	struct zboot zboot;

	memcpy(&zboot, bytes, sizeof(zboot));
	packed->is_zboot = true;
	packed->at = le32toh(zboot.at);
	packed->size = le32toh(zboot.size);
	if (packed->at < sizeof(zboot) || packed->at > file_size ||
	    packed->size > file_size - packed->at || !packed->size)
		return packed_refuse(ctx, path,
				     "is truncated: it ends before the kernel "
				     "that it contains");
	packed->packing = zboot_packing(&zboot);
	return packed->packing == PACKING_NONE
		       ? packed_unknown(ctx, path, &zboot)
		       : 0;
}

int packed_parse(struct lend_ctx *ctx, const char *path, const uint8_t *bytes,
		 size_t length, uint64_t file_size, struct packed *packed)
{
	*packed = (struct packed){.size = file_size};
	if (length >= sizeof(struct zboot) && !memcmp(bytes, "MZ", 2) &&
	    !memcmp(bytes + offsetof(struct zboot, type), "zimg", 4))
		return zboot_parse(ctx, path, bytes, file_size, packed);
	for (size_t i = 0; i < PACKINGS; i++)
		if (length >= packings[i].length &&
		    !memcmp(bytes, packings[i].magic, packings[i].length))
			packed->packing = packings[i].packing;
	return 0;
}

static uint32_t lz4_number(const uint8_t *from)
{
	uint32_t value;

	memcpy(&value, from, sizeof(value));
	return le32toh(value);
}

int64_t packed_lz4(const uint8_t *from, uint64_t from_size, uint8_t *to,
		   uint64_t to_size, packed_block *block)
{
	uint64_t at = 4, done = 0;

	if (from_size < at || memcmp(from, LZ4_MAGIC, 4))
		return -EBADMSG;
	while (from_size - at >= 4) {
		uint32_t size = lz4_number(from + at);
		uint64_t room = to_size - done;
		int n;

		at += 4;
		/* Another frame may follow. */
		if (!memcmp(from + at - 4, LZ4_MAGIC, 4))
			continue;
		if (!size || size > from_size - at || size > INT32_MAX)
			return -EBADMSG;
		if (!room)
			return -EFBIG;
		n = block((const char *)from + at, (char *)to + done, (int)size,
			  room < LZ4_BLOCK ? (int)room : LZ4_BLOCK);
		if (n < 0)
			return room < LZ4_BLOCK ? -EFBIG : -EBADMSG;
		at += size;
		done += (uint64_t)n;
	}
	return at == from_size ? (int64_t)done : -EBADMSG;
}
