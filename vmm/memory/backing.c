// SPDX-License-Identifier: MIT
// The file behind guest RAM: its space is taken before the guest starts.
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>

#include <lend/error.h>

#include "vmm/memory/backing.h"

#define MIB UINT64_C(0x100000)

#define PLACES "such as /dev/shm or a mounted hugetlbfs"

/* Find the type of the file system that has the device number of @st. */
static void backing_find_type(struct backing *backing, const struct stat *st)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	unsigned int major, minor;
	char line[4096];

	while (mounts && fgets(line, sizeof(line), mounts)) {
		const char *type = strstr(line, " - ");

		if (!type ||
		    sscanf(line, "%*u %*u %u:%u", &major, &minor) != 2 ||
		    major != major(st->st_dev) || minor != minor(st->st_dev))
			continue;
		snprintf(backing->type, sizeof(backing->type), "%.*s",
			 (int)strcspn(type + 3, " \n"), type + 3);
		break;
	}
	if (mounts)
		fclose(mounts);
}

static void backing_find_kind(struct backing *backing)
{
	struct statfs fs;
	struct stat st;

	if (fstat(backing->fd, &st) == 0)
		backing_find_type(backing, &st);
	if (fstatfs(backing->fd, &fs))
		return;
	backing->is_huge = fs.f_type == HUGETLBFS_MAGIC;
	backing->is_memory = fs.f_type == TMPFS_MAGIC;
	if (backing->is_huge)
		backing->page = (uint64_t)fs.f_bsize;
}

int backing_open(struct backing *backing, struct lend_ctx *ctx, const char *dir)
{
	char name[PATH_MAX];
	int err, n;

	*backing = (struct backing){.dir = dir, .fd = -1, .page = 4096};
	n = snprintf(name, sizeof(name), "%s/lend-ram-XXXXXX", dir);
	if (n < 0 || (size_t)n >= sizeof(name))
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENAMETOOLONG,
				      NULL, "-mem-path: path too long");
	backing->fd = mkostemp(name, O_CLOEXEC);
	if (backing->fd >= 0) {
		unlink(name);
		backing_find_kind(backing);
		return 0;
	}
	err = errno;
	lend_error_set(ctx, LEND_ERROR_SYSTEM, err, NULL,
		       "create a file in -mem-path %s: %s", dir, strerror(err));
	return lend_error_remedy(ctx, "name a writable directory, " PLACES);
}

int backing_open_shared(struct backing *backing, struct lend_ctx *ctx)
{
	*backing = (struct backing){.fd = -1, .page = 4096, .is_memory = true};
	backing->fd = memfd_create("lend-ram", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (backing->fd >= 0)
		return 0;
	return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, NULL,
			      "create a file in memory for the guest's RAM: %s",
			      strerror(errno));
}

int backing_seal(const struct backing *backing, struct lend_ctx *ctx,
		 uint64_t size)
{
	if (!ftruncate(backing->fd, (off_t)size) &&
	    !fcntl(backing->fd, F_ADD_SEALS,
		   F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return 0;
	return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, NULL,
			      "set the size of the guest's RAM: %s",
			      strerror(errno));
}

void backing_close(struct backing *backing)
{
	if (backing->fd >= 0)
		close(backing->fd);
	*backing = (struct backing){.fd = -1};
}

static unsigned long huge_pages(uint64_t page, const char *which)
{
	unsigned long count = 0;
	char path[96];
	FILE *file;

	snprintf(path, sizeof(path),
		 "/sys/kernel/mm/hugepages/hugepages-%" PRIu64 "kB/%s",
		 page / 1024, which);
	file = fopen(path, "re");
	if (file && fscanf(file, "%lu", &count) != 1)
		count = 0;
	if (file)
		fclose(file);
	return count;
}

static int too_few_huge_pages(const struct backing *backing,
			      struct lend_ctx *ctx, uint64_t size)
{
	unsigned long all = huge_pages(backing->page, "nr_hugepages");
	unsigned long unused = huge_pages(backing->page, "free_hugepages");
	unsigned long promised = huge_pages(backing->page, "resv_hugepages");
	uint64_t need = size / backing->page;

	unused -= promised < unused ? promised : unused;
	lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM, NULL,
		       "not enough huge pages for the guest: %" PRIu64
		       " MiB required",
		       size / MIB);
	lend_error_evidence(ctx,
			    "of %lu pages of %" PRIu64 " KiB, %lu are free; "
			    "the guest requires %" PRIu64,
			    all, backing->page / 1024, unused, need);
	if (need <= unused)
		return lend_error_remedy(ctx,
					 "raise the size= with which %s is "
					 "mounted",
					 backing->dir);
	return lend_error_remedy(ctx,
				 "as root: echo %" PRIu64
				 " > /sys/kernel/mm/hugepages/"
				 "hugepages-%" PRIu64 "kB/nr_hugepages",
				 all + need - unused, backing->page / 1024);
}

static int no_space(const struct backing *backing, struct lend_ctx *ctx,
		    int err, uint64_t size)
{
	struct statfs fs;

	lend_error_set(ctx, LEND_ERROR_MEMORY, err, NULL,
		       "-mem-path %s: no space for %" PRIu64 " MiB of RAM: %s",
		       backing->dir, size / MIB, strerror(err));
	if (fstatfs(backing->fd, &fs) == 0)
		lend_error_evidence(
			ctx, "its file system%s%s has %" PRIu64 " MiB free",
			*backing->type ? ", " : "", backing->type,
			(uint64_t)fs.f_bavail * (uint64_t)fs.f_bsize / MIB);
	return lend_error_remedy(ctx, "give a smaller -m, or name another "
				      "directory, " PLACES);
}

int backing_error(const struct backing *backing, struct lend_ctx *ctx,
		  const char *call, int err, uint64_t size)
{
	if (backing->is_huge && (err == ENOMEM || err == ENOSPC))
		return too_few_huge_pages(backing, ctx, size);
	if (err == ENOSPC || err == EDQUOT || err == EFBIG)
		return no_space(backing, ctx, err, size);
	lend_error_set(ctx, LEND_ERROR_SYSTEM, err, NULL,
		       "-mem-path %s: %s: %s", backing->dir, call,
		       strerror(err));
	if (*backing->type)
		lend_error_evidence(ctx, "its file system is %s",
				    backing->type);
	return lend_error_remedy(
		ctx, "name a directory on tmpfs or hugetlbfs, " PLACES);
}

/* Where the file system can reserve nothing, what is free now must do. */
static int check_free(const struct backing *backing, struct lend_ctx *ctx,
		      uint64_t size)
{
	struct statfs fs;

	if (fstatfs(backing->fd, &fs) || !fs.f_bsize ||
	    size / (uint64_t)fs.f_bsize <= (uint64_t)fs.f_bavail)
		return 0;
	return no_space(backing, ctx, ENOSPC, size);
}

int backing_take(const struct backing *backing, struct lend_ctx *ctx,
		 uint64_t size)
{
	int err;

	if (ftruncate(backing->fd, (off_t)size) < 0)
		return backing_error(backing, ctx, "set the size of a file",
				     errno, size);
	if (backing->is_huge)
		return 0;
	do
		err = fallocate(backing->fd, 0, 0, (off_t)size) ? errno : 0;
	while (err == EINTR);
	if (err == EOPNOTSUPP)
		return check_free(backing, ctx, size);
	return err ? backing_error(backing, ctx, "allocate the space of a file",
				   err, size)
		   : 0;
}

void backing_explain(const struct backing *backing, struct lend_ctx *ctx)
{
	if (!backing->dir || backing->is_huge || backing->is_memory)
		return;
	lend_error_evidence(ctx,
			    "the guest's RAM is a file on %s (-mem-path %s), "
			    "which Linux 6.5 and later pin for no device",
			    *backing->type ? backing->type : "a disk",
			    backing->dir);
	lend_error_remedy(ctx,
			  "name a directory on tmpfs or hugetlbfs, " PLACES);
}
