// SPDX-License-Identifier: MIT
// Files that are replaced as a whole, such as those of udev rules.

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/whole-file.h"

int whole_file_write(const char *path,
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

/* The directory of a file, "." if its path names none. */
static void whole_file_directory(const char *path, char directory[PATH_MAX])
{
	const char *slash = strrchr(path, '/');

	if (slash)
		snprintf(directory, PATH_MAX, "%.*s",
			 slash == path ? 1 : (int)(slash - path), path);
	else
		strcpy(directory, ".");
}

int whole_file_lock(const char *path)
{
	char directory[PATH_MAX];
	int lock, err;

	whole_file_directory(path, directory);
	lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock >= 0 && !flock(lock, LOCK_EX))
		return lock;
	err = -errno;
	if (lock >= 0)
		close(lock);
	return err;
}

int whole_file_failed(const struct cli *cli, const char *path, int err,
		      const struct whole_file_advice *advice)
{
	bool denied = err == EACCES || err == EPERM;
	char directory[PATH_MAX];

	lend_error_set(cli->ctx,
		       denied ? LEND_ERROR_PERMISSION : LEND_ERROR_SYSTEM, err,
		       NULL, "write %s: %s", path, strerror(err));
	if (denied)
		return lend_error_remedy(cli->ctx, "run it as root (sudo)");
	whole_file_directory(path, directory);
	if (err == ENOENT)
		return lend_error_remedy(cli->ctx, "%s%smkdir -p %s",
					 advice->missing ? advice->missing : "",
					 advice->missing ? ", or: " : "",
					 directory);
	if (err == EROFS)
		return lend_error_remedy(cli->ctx, "%s", advice->read_only);
	return -err;
}
