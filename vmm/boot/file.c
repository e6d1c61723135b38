// SPDX-License-Identifier: MIT
// The guest's kernel and initrd: files that stay open and are read at each
// start.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lend/error.h>

#include "vmm/boot/file.h"
#include "vmm/boot/kind.h"

int boot_file_error(struct lend_ctx *ctx, const struct boot_file *file,
		    const char *call, int err)
{
	lend_error_set(ctx, LEND_ERROR_IMAGE, err, NULL, "%s %s: %s", call,
		       file->path, strerror(err));
	return lend_error_remedy(ctx, "name a readable file with %s",
				 file->option);
}

static int not_a_regular_file(struct lend_ctx *ctx,
			      const struct boot_file *file, mode_t mode)
{
	if (S_ISDIR(mode))
		return boot_file_error(ctx, file, "open", EISDIR);
	lend_error_set(ctx, LEND_ERROR_IMAGE, EINVAL, NULL,
		       "%s %s: not a regular file", file->option, file->path);
	return lend_error_remedy(ctx, "copy its contents to a file, which is "
				      "read again when the guest reboots");
}

/* Opening a FIFO would wait for a writer. */
static int file_open(struct lend_ctx *ctx, struct boot_file *file)
{
	struct stat st;

	file->fd =
		open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (file->fd < 0)
		return boot_file_error(ctx, file, "open", errno);
	if (fstat(file->fd, &st) < 0)
		return boot_file_error(ctx, file, "stat", errno);
	if (!S_ISREG(st.st_mode))
		return not_a_regular_file(ctx, file, st.st_mode);
	file->size = (uint64_t)st.st_size;
	if (file->size)
		return 0;
	lend_error_set(ctx, LEND_ERROR_IMAGE, ENODATA, NULL, "%s %s is empty",
		       file->option, file->path);
	return lend_error_remedy(ctx, "copy or build the file again");
}

int boot_read_head(const struct boot *boot, struct boot_file *file)
{
	size_t length = file->size < sizeof(file->head) ? (size_t)file->size
							: sizeof(file->head);

	file->head_length = length;
	return boot_file_read(boot, file, file->head, length, 0);
}

static int initrd_open(struct boot *boot)
{
	struct boot_file *initrd = &boot->initrd;
	int err = file_open(boot->ctx, initrd);

	if (!err)
		err = boot_read_head(boot, initrd);
	if (!err)
		err = boot_check_initrd(boot->ctx, initrd->path, initrd->head,
					initrd->head_length);
	return err;
}

int boot_open(struct boot *boot)
{
	int err = file_open(boot->ctx, &boot->kernel);

	if (!err)
		err = boot_read_head(boot, &boot->kernel);
	return err || !boot->initrd.path ? err : initrd_open(boot);
}

void boot_close(struct boot *boot)
{
	if (boot->kernel.fd >= 0)
		close(boot->kernel.fd);
	if (boot->initrd.fd >= 0)
		close(boot->initrd.fd);
	boot->kernel.fd = boot->initrd.fd = -1;
}

int boot_file_read(const struct boot *boot, const struct boot_file *file,
		   void *to, uint64_t size, uint64_t offset)
{
	while (size) {
		ssize_t n = pread(file->fd, to, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return boot_file_error(boot->ctx, file, "read",
					       n < 0 ? errno : EIO);
		to = (char *)to + n;
		size -= (uint64_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}
