// SPDX-License-Identifier: MIT
// Identifies a file that was given as a kernel or initrd but is not one.
#include <errno.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/boot/kind.h"

enum remedy {
	GIVE_IMAGE,
	GIVE_OTHER,
	UNPACK,
	UNPACK_PACKAGE,
	EXTRACT,
	IS_INITRD
};

/* Files often given by mistake, and the fix for each; @tool unpacks one to its
 * standard output. An EFI program is last: kernels begin as one. */
static const struct {
	size_t offset;
	const char *bytes;
	size_t length;
	const char *kind;
	enum remedy remedy;
	const char *tool;
} lookalikes[] = {
	{0, "\177ELF", 4, "an ELF file", GIVE_IMAGE, NULL},
	{0, "MZ\0\0zimg", 8, "a kernel compressed for EFI", GIVE_OTHER, NULL},
	{0, "\037\213", 2, "a gzip file", UNPACK, "gzip -dc"},
	{0, "\3757zXZ", 5, "an xz file", UNPACK, "xz -dc"},
	{0, "\050\265\057\375", 4, "a zstd file", UNPACK, "zstd -dc"},
	{0, "BZh", 3, "a bzip2 file", UNPACK, "bzip2 -dc"},
	{0, "\002!L\030", 4, "an lz4 file", UNPACK, "lz4 -dc"},
	{0, "\004\"M\030", 4, "an lz4 file", UNPACK, "lz4 -dc"},
	{0, "\211LZO\0\r\n", 7, "an lzo file", UNPACK, "lzop -dc"},
	{0, "]\0\0", 3, "an lzma file", UNPACK, "xz --format=lzma -dc"},
	{0, "070701", 6, "a cpio archive", IS_INITRD, NULL},
	{0, "!<arch>", 7, "an archive, perhaps a .deb", UNPACK_PACKAGE, NULL},
	{56, "ARM\144", 4, "an arm64 kernel", GIVE_OTHER, NULL},
	{0x202, "HdrS", 4, "an x86 kernel", GIVE_OTHER, NULL},
	{0, "\047\005\031\126", 4, "a U-Boot image", GIVE_OTHER, NULL},
	{0, "ANDROID!", 8, "an Android boot image", GIVE_OTHER, NULL},
	{0, "\320\015\376\355", 4, "a device tree or a U-Boot FIT image",
	 GIVE_OTHER, NULL},
	{0, "MZ", 2, "an EFI program", EXTRACT, NULL},
};

#define LOOKALIKES (sizeof(lookalikes) / sizeof(lookalikes[0]))

/* Returns LOOKALIKES for a file of no known kind. */
static size_t lookalike_find(const uint8_t *bytes, size_t length)
{
	size_t i = 0;

	while (i < LOOKALIKES &&
	       (lookalikes[i].offset + lookalikes[i].length > length ||
		memcmp(bytes + lookalikes[i].offset, lookalikes[i].bytes,
		       lookalikes[i].length)))
		i++;
	return i;
}

static int boot_kind_remedy(struct lend_ctx *ctx, size_t kind, const char *path,
			    const struct boot_format *format)
{
	switch (lookalikes[kind].remedy) {
	case GIVE_IMAGE:
		return lend_error_remedy(ctx, "give %s, not vmlinux",
					 format->file);
	case GIVE_OTHER:
		return lend_error_remedy(ctx, "give %s", format->kernel);
	case UNPACK:
		return lend_error_remedy(ctx, "unpack it first: %s %s >kernel",
					 lookalikes[kind].tool, path);
	case UNPACK_PACKAGE:
		return lend_error_remedy(
			ctx, "unpack it, and give its boot/vmlinuz");
	case EXTRACT:
		return lend_error_remedy(
			ctx,
			"give the kernel that it starts; that of a unified "
			"kernel image by: objcopy -O binary "
			"--only-section=.linux %s kernel",
			path);
	default:
		return lend_error_remedy(ctx,
					 "if it is the initrd, use -initrd");
	}
}

int boot_not_a_kernel(struct lend_ctx *ctx, const char *path,
		      const uint8_t *bytes, size_t length,
		      const struct boot_format *format)
{
	size_t kind = lookalike_find(bytes, length);

	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL, "%s is not %s",
		       path, format->name);
	if (kind == LOOKALIKES)
		return lend_error_remedy(
			ctx, "give a kernel such as /boot/vmlinuz-*");
	lend_error_evidence(ctx, "it is %s", lookalikes[kind].kind);
	return boot_kind_remedy(ctx, kind, path, format);
}

/* What a kernel may unpack as an initrd is its own affair. */
int boot_check_initrd(struct lend_ctx *ctx, const char *path,
		      const uint8_t *bytes, size_t length)
{
	size_t kind = lookalike_find(bytes, length);

	if (kind == LOOKALIKES || lookalikes[kind].remedy == UNPACK ||
	    lookalikes[kind].remedy == IS_INITRD)
		return 0;
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
		       "%s is not an initrd", path);
	lend_error_evidence(ctx, "it is %s", lookalikes[kind].kind);
	return lend_error_remedy(ctx,
				 "give an initrd such as /boot/initrd.img-*");
}
