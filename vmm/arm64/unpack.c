// SPDX-License-Identifier: MIT
// Unpacks a compressed kernel, by libraries that are loaded for it.
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <lend/error.h>

#include "vmm/arm64/packed.h"
#include "vmm/arm64/unpack.h"
#include "vmm/base/no-memory.h"
#include "vmm/boot/file.h"
#include "vmm/boot/kind.h"

#define PIECE        (1 << 20)
#define ZSTD_NO_ROOM 70 /* dstSize_tooSmall */

struct unpack {
	const struct boot *boot;
	struct packed packed;
	void *library;
	uint8_t *from; /* the compressed bytes; NULL for gzip */
	uint8_t *to;   /* UNPACK_MAX bytes of the unnamed file */
};

/* The functions of each library that are used, as its manual declares them. */
typedef void *gzip_open(int fd, const char *mode);
typedef int gzip_read(void *file, void *to, unsigned int size);
typedef int gzip_close(void *file);
typedef size_t zstd_unpack(void *to, size_t to_size, const void *from,
			   size_t from_size);
typedef unsigned int zstd_error(size_t code);
typedef int xz_unpack(uint64_t *memory, uint32_t flags, const void *allocator,
		      const uint8_t *from, size_t *from_at, size_t from_size,
		      uint8_t *to, size_t *to_at, size_t to_size);

static void *unpack_find(const struct unpack *u, const char *name)
{
	return dlsym(u->library, name);
}

/* Read by the library, which stops at the end of the compressed bytes. */
static int64_t unpack_gzip(struct unpack *u)
{
	gzip_open *open_at = unpack_find(u, "gzdopen");
	gzip_read *read_next = unpack_find(u, "gzread");
	gzip_close *close_it = unpack_find(u, "gzclose");
	int fd = dup(u->boot->kernel.fd), n = -1;
	void *file = NULL;
	int64_t done = 0;

	if (fd >= 0 && open_at && read_next && close_it &&
	    lseek(fd, (off_t)u->packed.at, SEEK_SET) >= 0)
		file = open_at(fd, "r");
	if (!file) {
		if (fd >= 0)
			close(fd);
		return -ENOSYS;
	}
	do {
		n = read_next(
			file, u->to + done,
			UNPACK_MAX - (uint64_t)done < PIECE
				? (unsigned int)(UNPACK_MAX - (uint64_t)done)
				: PIECE);
		done += n > 0 ? n : 0;
	} while (n > 0);
	/* It ends with an error where the file is truncated. */
	if (close_it(file))
		n = -1;
	return n < 0 ? -EBADMSG : done;
}

static int64_t unpack_zstd(struct unpack *u)
{
	zstd_unpack *run = unpack_find(u, "ZSTD_decompress");
	zstd_error *error_of = unpack_find(u, "ZSTD_getErrorCode");
	size_t n;

	if (!run || !error_of)
		return -ENOSYS;
	n = run(u->to, UNPACK_MAX, u->from, (size_t)u->packed.size);
	switch (error_of(n)) {
	case 0:
		return (int64_t)n;
	case ZSTD_NO_ROOM:
		return -EFBIG;
	default:
		return -EBADMSG;
	}
}

static int64_t unpack_xz(struct unpack *u)
{
	xz_unpack *run = unpack_find(u, "lzma_stream_buffer_decode");
	uint64_t memory = UNPACK_MAX;
	size_t from_at = 0, to_at = 0;

	if (!run)
		return -ENOSYS;
	if (run(&memory, 0, NULL, u->from, &from_at, (size_t)u->packed.size,
		u->to, &to_at, UNPACK_MAX))
		return to_at == UNPACK_MAX ? -EFBIG : -EBADMSG;
	return (int64_t)to_at;
}

static int64_t unpack_lz4(struct unpack *u)
{
	packed_block *block = unpack_find(u, "LZ4_decompress_safe");

	return block ? packed_lz4(u->from, u->packed.size, u->to, UNPACK_MAX,
				  block)
		     : -ENOSYS;
}

static const struct codec {
	const char *name;
	const char *library;
	const char *package;
	const char *tool;
	int64_t (*run)(struct unpack *u);
} codecs[] = {
	[PACKING_GZIP] = {"gzip", "libz.so.1", "zlib1g", "gzip -dc",
			  unpack_gzip},
	[PACKING_ZSTD] = {"zstd", "libzstd.so.1", "libzstd1", "zstd -dc",
			  unpack_zstd},
	[PACKING_XZ] = {"xz", "liblzma.so.5", "liblzma5", "xz -dc", unpack_xz},
	[PACKING_LZ4] = {"lz4", "liblz4.so.1", "liblz4-1", "lz4 -dc",
			 unpack_lz4},
};

static int unpack_no_library(const struct unpack *u, const struct codec *codec)
{
	struct lend_ctx *ctx = u->boot->ctx;
	const char *path = u->boot->kernel.path;

	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOSYS, NULL,
		       "%s is compressed by %s, and %s cannot be loaded", path,
		       codec->name, codec->library);
	if (u->packed.is_zboot)
		return lend_error_remedy(ctx, "install %s", codec->package);
	return lend_error_remedy(ctx,
				 "install %s, or unpack the file: %s %s >Image",
				 codec->package, codec->tool, path);
}

static int unpack_failed(const struct unpack *u, const struct codec *codec,
			 int64_t err)
{
	struct lend_ctx *ctx = u->boot->ctx;
	const char *path = u->boot->kernel.path;

	if (err == -ENOSYS)
		return unpack_no_library(u, codec);
	if (err == -EFBIG)
		return lend_error_set(ctx, LEND_ERROR_IMAGE, EFBIG, NULL,
				      "%s unpacks to more than %" PRIu64
				      " MiB, or is larger itself",
				      path, UNPACK_MAX >> 20);
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENOEXEC, NULL,
		       "%s: its %s data is damaged or truncated", path,
		       codec->name);
	return lend_error_remedy(ctx, "copy the kernel again");
}

static int unpack_read(struct unpack *u)
{
	const struct boot_file *file = &u->boot->kernel;

	if (u->packed.packing == PACKING_GZIP)
		return 0;
	u->from = malloc((size_t)u->packed.size);
	if (!u->from)
		return vmm_no_memory(u->boot->ctx, NULL);
	return boot_file_read(u->boot, file, u->from, u->packed.size,
			      u->packed.at);
}

/* Returns the kernel's size, or a recorded error. */
static int64_t unpack_run(struct unpack *u, int out)
{
	const struct codec *codec = &codecs[u->packed.packing];
	struct lend_ctx *ctx = u->boot->ctx;
	int64_t n = -ENOSYS;
	int err;

	if (u->packed.size > UNPACK_MAX)
		return unpack_failed(u, codec, -EFBIG);
	err = unpack_read(u);
	if (err)
		return err;
	if (ftruncate(out, (off_t)UNPACK_MAX) == 0)
		u->to = mmap(NULL, UNPACK_MAX, PROT_READ | PROT_WRITE,
			     MAP_SHARED, out, 0);
	if (!u->to || u->to == MAP_FAILED)
		return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, NULL,
				      "unpack %s: %s", u->boot->kernel.path,
				      strerror(errno));
	u->library = dlopen(codec->library, RTLD_NOW | RTLD_LOCAL);
	if (u->library) {
		n = codec->run(u);
		dlclose(u->library);
	}
	munmap(u->to, UNPACK_MAX);
	/* A file that fills all of the space may go on. */
	if (n >= (int64_t)UNPACK_MAX)
		n = -EFBIG;
	return n > 0 ? n : unpack_failed(u, codec, n);
}

static int unpack_replace(struct boot *boot, const struct packed *packed)
{
	struct unpack u = {.boot = boot, .packed = *packed};
	int out = memfd_create("lend-kernel", MFD_CLOEXEC);
	int64_t n;

	if (out < 0)
		return lend_error_set(boot->ctx, LEND_ERROR_SYSTEM, errno, NULL,
				      "memfd_create: %s", strerror(errno));
	n = unpack_run(&u, out);
	free(u.from);
	if (n < 0 || ftruncate(out, (off_t)n) < 0) {
		close(out);
		return n < 0 ? (int)n
			     : lend_error_set(boot->ctx, LEND_ERROR_SYSTEM,
					      errno, NULL, "ftruncate: %s",
					      strerror(errno));
	}
	close(boot->kernel.fd);
	boot->kernel.fd = out;
	boot->kernel.size = (uint64_t)n;
	return 0;
}

int unpack_kernel(struct boot *boot)
{
	struct boot_file *kernel = &boot->kernel;
	struct packed packed;
	int err;

	if (boot->is_unpacked)
		return 0;
	boot->is_unpacked = true;
	err = packed_parse(boot->ctx, kernel->path, kernel->head,
			   kernel->head_length, kernel->size, &packed);
	if (err || packed.packing == PACKING_NONE)
		return err;
	err = unpack_replace(boot, &packed);
	return err ? err : boot_read_head(boot, kernel);
}
