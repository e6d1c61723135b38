// SPDX-License-Identifier: MIT
// Identifies a file that was given as a kernel but is not one.
#include <errno.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/boot/kind.h"

enum remedy { GIVE_IMAGE, GIVE_OTHER, UNPACK, UNPACK_PACKAGE, IS_INITRD };

/* Files often given by mistake, and the fix for each. */
static const struct {
	size_t offset;
	const char *bytes;
	size_t length;
	const char *kind;
	enum remedy remedy;
} lookalikes[] = {
	{0, "\177ELF", 4, "an ELF file", GIVE_IMAGE},
	{0, "MZ\0\0zimg", 8, "a kernel compressed for EFI", GIVE_IMAGE},
	{0, "\037\213", 2, "a gzip file", UNPACK},
	{0, "\3757zXZ", 5, "an xz file", UNPACK},
	{0, "\050\265\057\375", 4, "a zstd file", UNPACK},
	{0, "070701", 6, "a cpio archive", IS_INITRD},
	{0, "!<arch>", 7, "an archive, perhaps a .deb", UNPACK_PACKAGE},
	{56, "ARM\144", 4, "an arm64 kernel", GIVE_OTHER},
	{0x202, "HdrS", 4, "an x86 kernel", GIVE_OTHER},
};

static int boot_kind_remedy(struct lend_ctx *ctx, enum remedy remedy,
			    const struct boot_format *format)
{
	switch (remedy) {
	case GIVE_IMAGE:
		return lend_error_remedy(ctx, "give %s, not vmlinux",
					 format->file);
	case GIVE_OTHER:
		return lend_error_remedy(ctx, "give %s", format->kernel);
	case UNPACK:
		return lend_error_remedy(ctx, "unpack it first");
	case UNPACK_PACKAGE:
		return lend_error_remedy(
			ctx, "unpack it, and give its boot/vmlinuz");
	default:
		return lend_error_remedy(ctx,
					 "if it is the initrd, use -initrd");
	}
}

int boot_not_a_kernel(struct lend_ctx *ctx, const char *path,
		      const uint8_t *bytes, size_t length,
		      const struct boot_format *format)
{
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL, "%s is not %s",
		       path, format->name);
	for (size_t i = 0; i < sizeof(lookalikes) / sizeof(lookalikes[0]);
	     i++) {
		if (lookalikes[i].offset + lookalikes[i].length > length ||
		    memcmp(bytes + lookalikes[i].offset, lookalikes[i].bytes,
			   lookalikes[i].length))
			continue;
		lend_error_evidence(ctx, "it is %s", lookalikes[i].kind);
		return boot_kind_remedy(ctx, lookalikes[i].remedy, format);
	}
	return lend_error_remedy(ctx, "give a kernel such as /boot/vmlinuz-*");
}
