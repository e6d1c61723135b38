// SPDX-License-Identifier: MIT
// Replaces a file, such as one of udev rules, as a whole.

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/rules-file.h"

int rules_file_write(const char *path,
		     void (*write)(FILE *file, const void *opaque),
		     const void *opaque)
{
	char new[PATH_MAX];
	FILE *file;
	int err = 0;

	if (snprintf(new, sizeof(new), "%s.new", path) >= (int)sizeof(new))
		return -ENAMETOOLONG;
	file = fopen(new, "we");
	if (!file)
		return -errno;
	write(file, opaque);
	/* Whatever the umask is: lend check reads it as any user. */
	if (fchmod(fileno(file), 0644))
		err = -errno;
	if (!err && (fflush(file) || ferror(file) || fsync(fileno(file))))
		err = -errno;
	if (fclose(file) && !err)
		err = -errno;
	if (!err && rename(new, path))
		err = -errno;
	if (err)
		unlink(new);
	return err;
}

int rules_file_failed(const struct cli *cli, const char *path, int err,
		      const char *read_only)
{
	bool denied = err == EACCES || err == EPERM;

	lend_error_set(cli->ctx,
		       denied ? LEND_ERROR_PERMISSION : LEND_ERROR_SYSTEM, err,
		       NULL, "write %s: %s", path, strerror(err));
	if (denied)
		return lend_error_remedy(cli->ctx, "run it as root (sudo)");
	if (err == ENOENT)
		return lend_error_remedy(
			cli->ctx, "install udev, or: mkdir -p %.*s",
			(int)(strrchr(path, '/') - path), path);
	if (err == EROFS)
		return lend_error_remedy(cli->ctx, "%s", read_only);
	return -err;
}
