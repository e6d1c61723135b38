// SPDX-License-Identifier: MIT
// Opens the file or block device of a disk, and reads and writes it.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <linux/falloc.h>
#include <linux/fs.h>

#include <lend/context.h>
#include <lend/error.h>

#include "device/base/image.h"

#define SECTOR    512u
#define ZEROS     65536u
#define FNV_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static int image_error(struct lend_ctx *ctx, const char *path, const char *call,
		       int err)
{
	return lend_error_set(ctx, LEND_ERROR_SYSTEM, err, NULL, "%s: %s: %s",
			      path, call, strerror(err));
}

static int image_refuse(struct lend_ctx *ctx, const char *path,
			const char *what, const char *remedy)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL, "%s: %s", path,
		       what);
	return lend_error_remedy(ctx, "%s", remedy);
}

static int image_refuse_busy(struct lend_ctx *ctx, const char *path)
{
	lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, NULL, "%s: in use", path);
	return lend_error_remedy(ctx, "lsof %s shows by whom", path);
}

void image_init(struct image *image)
{
	*image = (struct image){.fd = -1, .direct = -1};
}

void image_close(struct image *image)
{
	if (image->fd >= 0)
		close(image->fd);
	if (image->direct >= 0)
		close(image->direct);
	image_init(image);
}

/* A hash of the numbers by which the kernel knows the file: what a guest sees
 * of it says nothing about the host. */
static uint64_t image_hash(uint64_t a, uint64_t b)
{
	const uint64_t numbers[] = {a, b};
	uint64_t hash = FNV_BASIS;

	for (size_t i = 0; i < sizeof(numbers); i++)
		hash = (hash ^ ((const uint8_t *)numbers)[i]) * FNV_PRIME;
	return hash;
}

static int image_measure_device(struct image *image, struct lend_ctx *ctx,
				const char *path)
{
	int block = 0;

	if (ioctl(image->fd, BLKGETSIZE64, &image->size))
		return image_error(ctx, path, "BLKGETSIZE64", errno);
	if (!ioctl(image->fd, BLKSSZGET, &block) && block > (int)SECTOR)
		image->block = (uint32_t)block;
	if (image->block > 4096 || image->block & (image->block - 1))
		return image_refuse(ctx, path, "its blocks have an odd size",
				    "use a device with blocks of 512 or 4096 "
				    "bytes");
	return 0;
}

/* What does not fill a block is not part of the disk. */
static int image_measure(struct image *image, struct lend_ctx *ctx,
			 const char *path)
{
	struct stat st;
	int err = 0;

	if (fstat(image->fd, &st))
		return image_error(ctx, path, "fstat", errno);
	image->block = SECTOR;
	image->size = st.st_size < 0 ? 0 : (uint64_t)st.st_size;
	image->id = S_ISBLK(st.st_mode) ? image_hash(st.st_rdev, 0)
					: image_hash(st.st_dev, st.st_ino);
	if (S_ISBLK(st.st_mode))
		err = image_measure_device(image, ctx, path);
	else if (!S_ISREG(st.st_mode))
		err = image_refuse(ctx, path,
				   "neither a file nor a block device",
				   "name one");
	if (err)
		return err;
	if (image->size % image->block)
		lend_log(ctx, LEND_LOG_WARNING,
			 "%s: its last %u bytes are not part of the disk, "
			 "whose blocks have %u bytes",
			 path, (unsigned int)(image->size % image->block),
			 image->block);
	image->size -= image->size % image->block;
	if (!image->size)
		return image_refuse(ctx, path, "it is empty",
				    "truncate -s SIZE makes a file larger");
	return 0;
}

/* O_EXCL is of block devices alone: the kernel then refuses one that is
 * mounted, or open so. O_NONBLOCK has a FIFO be refused, and not waited for. */
static int image_open_file(struct image *image, struct lend_ctx *ctx,
			   const struct image_options *options)
{
	int flags = (options->is_read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC;
	struct stat st;

	if (stat(options->path, &st))
		return image_error(ctx, options->path, "stat", errno);
	if (S_ISBLK(st.st_mode) && !options->is_read_only)
		flags |= O_EXCL;
	image->fd = open(options->path, flags | O_NONBLOCK);
	if (image->fd < 0)
		return errno == EBUSY
			       ? image_refuse_busy(ctx, options->path)
			       : image_error(ctx, options->path, "open", errno);
	if (flock(image->fd,
		  (options->is_read_only ? LOCK_SH : LOCK_EX) | LOCK_NB))
		return errno == EWOULDBLOCK
			       ? image_refuse_busy(ctx, options->path)
			       : image_error(ctx, options->path, "flock",
					     errno);
	if (!options->is_direct)
		return 0;
	/* The same file, whatever is at the path by now. */
	image->direct = open(options->path, (flags & ~O_EXCL) | O_DIRECT);
	if (image->direct < 0)
		return image_error(ctx, options->path, "open with O_DIRECT",
				   errno);
	return 0;
}

/* The path may have been renamed between the two. */
static int image_check_direct(const struct image *image, struct lend_ctx *ctx,
			      const char *path)
{
	struct stat st, direct;

	if (image->direct < 0)
		return 0;
	if (fstat(image->fd, &st) || fstat(image->direct, &direct))
		return image_error(ctx, path, "fstat", errno);
	return st.st_dev == direct.st_dev && st.st_ino == direct.st_ino
		       ? 0
		       : image_error(ctx, path, "open", ESTALE);
}

int image_open(struct image *image, struct lend_ctx *ctx,
	       const struct image_options *options)
{
	int err;

	image_init(image);
	image->is_read_only = options->is_read_only;
	err = image_open_file(image, ctx, options);
	if (!err)
		err = image_measure(image, ctx, options->path);
	return err ? err : image_check_direct(image, ctx, options->path);
}

static bool image_is_aligned(const struct image *image,
			     const struct iovec *parts, unsigned int count,
			     uint64_t offset)
{
	uint64_t bits = offset;

	for (unsigned int i = 0; i < count; i++)
		bits |= (uintptr_t)parts[i].iov_base | parts[i].iov_len;
	return !(bits & (image->block - 1));
}

/* Skips what was transferred. Returns the parts that are left. */
static unsigned int image_advance(struct iovec **parts, unsigned int count,
				  size_t done)
{
	while (count && done >= (*parts)->iov_len) {
		done -= (*parts)->iov_len;
		++*parts;
		count--;
	}
	if (count) {
		(*parts)->iov_base = (uint8_t *)(*parts)->iov_base + done;
		(*parts)->iov_len -= done;
	}
	return count;
}

/* A file system may want a larger alignment than the block. */
static bool image_falls_back(const struct image *image, int *fd, ssize_t n)
{
	if (n >= 0 || errno != EINVAL || *fd == image->fd)
		return false;
	*fd = image->fd;
	return true;
}

static int image_choose(const struct image *image, const struct iovec *parts,
			unsigned int count, uint64_t offset)
{
	return image->direct >= 0 &&
			       image_is_aligned(image, parts, count, offset)
		       ? image->direct
		       : image->fd;
}

int image_load(const struct image *image, struct iovec *parts,
	       unsigned int count, uint64_t offset)
{
	int fd = image_choose(image, parts, count, offset);

	while (count) {
		ssize_t n = preadv(fd, parts, (int)count, (off_t)offset);

		if (image_falls_back(image, &fd, n) ||
		    (n < 0 && errno == EINTR))
			continue;
		if (n <= 0)
			return n ? -errno : -ENODATA;
		offset += (size_t)n;
		count = image_advance(&parts, count, (size_t)n);
	}
	return 0;
}

int image_store(const struct image *image, struct iovec *parts,
		unsigned int count, uint64_t offset, bool is_durable)
{
	int fd = image_choose(image, parts, count, offset);

	while (count) {
		ssize_t n = pwritev2(fd, parts, (int)count, (off_t)offset,
				     is_durable ? RWF_DSYNC : 0);

		if (image_falls_back(image, &fd, n) ||
		    (n < 0 && errno == EINTR))
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		offset += (size_t)n;
		count = image_advance(&parts, count, (size_t)n);
	}
	return 0;
}

int image_flush(const struct image *image)
{
	return image->is_read_only || !fdatasync(image->fd) ? 0 : -errno;
}

static int image_allocate(const struct image *image, int mode, uint64_t offset,
			  uint64_t size)
{
	int n;

	do
		n = fallocate(image->fd, mode | FALLOC_FL_KEEP_SIZE,
			      (off_t)offset, (off_t)size);
	while (n && errno == EINTR);
	return n ? -errno : 0;
}

static bool image_lacks(int err)
{
	return err == -EOPNOTSUPP || err == -ENODEV || err == -EINVAL;
}

static int image_write_zeros(const struct image *image, uint64_t offset,
			     uint64_t size)
{
	void *zeros = calloc(1, ZEROS);
	int err = zeros ? 0 : -ENOMEM;

	while (!err && size) {
		struct iovec part = {zeros, size < ZEROS ? size : ZEROS};
		size_t length = part.iov_len;

		err = image_store(image, &part, 1, offset, false);
		offset += length;
		size -= length;
	}
	free(zeros);
	return err;
}

int image_zero(const struct image *image, uint64_t offset, uint64_t size,
	       bool can_discard)
{
	int err = -EOPNOTSUPP;

	if (can_discard)
		err = image_allocate(image, FALLOC_FL_PUNCH_HOLE, offset, size);
	if (image_lacks(err))
		err = image_allocate(image, FALLOC_FL_ZERO_RANGE, offset, size);
	return image_lacks(err) ? image_write_zeros(image, offset, size) : err;
}

int image_discard(const struct image *image, uint64_t offset, uint64_t size)
{
	int err = image_allocate(image, FALLOC_FL_PUNCH_HOLE, offset, size);

	return image_lacks(err) ? 0 : err;
}
