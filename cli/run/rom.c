// SPDX-License-Identifier: MIT
// Reads the expansion ROM that a -device string sets.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lend/lend.h>

#include "cli/no-memory.h"
#include "cli/run/rom.h"

#define LEAST 2048u /* the least size of a ROM's BAR */

static int run_rom_refuse(struct lend_ctx *ctx, const char *path, int err)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, err, NULL, "romfile=%s: %s",
		       path, strerror(err));
	return lend_error_remedy(
		ctx, "give a readable file, or rombar=0 to hide the ROM");
}

/* Reads the file, if its size is that of a ROM. */
static int run_rom_read_file(struct assign_pci_rom *rom, struct lend_ctx *ctx,
			     int fd, const char *path)
{
	struct stat st;
	ssize_t count;

	if (fstat(fd, &st) < 0)
		return run_rom_refuse(ctx, path, errno);
	if (!S_ISREG(st.st_mode) || st.st_size < 1 ||
	    st.st_size > LEND_PCI_ROM_MAX) {
		lend_error_set(
			ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			"romfile=%s: not a regular file of 1 byte to %u MiB",
			path, LEND_PCI_ROM_MAX >> 20);
		return lend_error_remedy(ctx, "give a ROM image");
	}
	rom->size = (size_t)st.st_size;
	rom->bytes = malloc(rom->size);
	if (!rom->bytes)
		return cli_no_memory(ctx);
	for (size_t done = 0; done < rom->size; done += (size_t)count) {
		count = read(fd, (char *)rom->bytes + done, rom->size - done);
		if (count <= 0)
			return run_rom_refuse(ctx, path,
					      count < 0 ? errno : EIO);
	}
	return 0;
}

/* Reads romsize=; lend_spec_parse() has checked that it is a number. */
static int read_size(struct assign_pci_rom *rom, struct lend_ctx *ctx,
		     const struct lend_spec *spec)
{
	const char *text = lend_spec_get(spec, "romsize");
	uint64_t size = text ? strtoul(text, NULL, 0) : 0;

	rom->bar_size = size;
	if (!text || (size >= LEAST && size <= LEND_PCI_ROM_MAX &&
		      !(size & (size - 1)) && size >= rom->size))
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "romsize=%s: not a power of two from %u to %u, or "
		       "smaller than romfile= (%zu bytes)",
		       text, LEAST, LEND_PCI_ROM_MAX, rom->size);
	return lend_error_remedy(ctx, "remove romsize=");
}

static bool is_one_of(const char *rombar, const char *const words[5])
{
	for (size_t i = 0; rombar && i < 5; i++)
		if (!strcmp(rombar, words[i]))
			return true;
	return false;
}

int run_rom_read(struct assign_pci_rom *rom, struct lend_ctx *ctx,
		 const struct lend_spec *spec)
{
	const char *path = lend_spec_get(spec, "romfile");
	static const char *const on[] = {"1", "on", "yes", "true", "y"};
	static const char *const off[] = {"0", "off", "no", "false", "n"};
	const char *rombar = lend_spec_get(spec, "rombar");
	int fd, err;

	*rom = (struct assign_pci_rom){};
	rom->anyway = is_one_of(rombar, on);
	/* An empty name is QEMU's older way to hide the ROM. */
	rom->hidden = is_one_of(rombar, off) || (path && !*path);
	if (rom->hidden || !path) {
		if ((rom->hidden && path && *path) ||
		    lend_spec_get(spec, "romsize"))
			lend_log(ctx, LEND_LOG_WARNING, "%s= is ignored: %s",
				 path && *path ? "romfile" : "romsize",
				 rom->hidden ? "the ROM is hidden"
					     : "the device's own ROM is used");
		return 0;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return run_rom_refuse(ctx, path, errno);
	err = run_rom_read_file(rom, ctx, fd, path);
	close(fd);
	return err ? err : read_size(rom, ctx, spec);
}
