// SPDX-License-Identifier: MIT
// The system calls of the machine for tests: those of the running kernel on
// plain files, plus what the driver core does when its attributes are written.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fake/apart.h"
#include "fake-drivers.h"

static struct fake_sysfs *drivers_of(const struct kernel *k)
{
	return (struct fake_sysfs *)k;
}

static bool drivers_hangs(const struct fake_sysfs *fake, const char *path)
{
	size_t length = strlen(path), end = strlen(fake->hangs);

	return end && length >= end &&
	       !strcmp(path + length - end, fake->hangs);
}

/* Counts a call. Returns 0, or -EIO if it must fail. */
static int drivers_count_call(const struct kernel *k)
{
	struct fake_sysfs *fake = drivers_of(k);

	fake->calls++;
	if (!fake->fault_at || fake->calls < fake->fault_at)
		return 0;
	if (fake->fault == FAKE_CRASH)
		_exit(0);
	if (fake->fault == FAKE_FAIL_ON || fake->calls == fake->fault_at)
		return -EIO;
	return 0;
}

/* Ask the kernel: realpath() makes a call for each component of the path, and
 * the sweeps open tens of thousands of files. */
static int drivers_keep_path(struct fake_sysfs *fake, int fd)
{
	char link[32], path[PATH_MAX];
	ssize_t n;

	if (fd < 0)
		return fd;
	if (fd >= FAKE_FDS)
		abort();
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	if (n <= 0)
		abort();
	fake->paths[fd] = strndup(path, (size_t)n);
	return fd;
}

/* Reads the number of a node, which is the text of its file. Returns its type,
 * or 0. */
static mode_t drivers_read_node(const char *path, char number[64], dev_t *rdev)
{
	unsigned int major, minor;
	FILE *file = fopen(path, "re");
	char type = 0;

	number[0] = '\0';
	if (!file)
		return 0;
	if (!fgets(number, 64, file) ||
	    sscanf(number, "%c%u:%u", &type, &major, &minor) != 3)
		type = 0;
	fclose(file);
	if (type != 'b' && type != 'c')
		return 0;
	*rdev = makedev(major, minor);
	return type == 'b' ? S_IFBLK : S_IFCHR;
}

static int drivers_refuse(const struct fake_sysfs *fake, const char *path,
			  int flags)
{
	char number[64];
	struct stat st;
	dev_t rdev;

	if (!fake->refusal_count || stat(path, &st) || !S_ISREG(st.st_mode))
		return 0;
	drivers_read_node(path, number, &rdev);
	for (unsigned int i = 0; i < fake->refusal_count; i++) {
		const struct fake_refusal *r = &fake->refusals[i];

		if ((flags & r->flags) == r->flags &&
		    (!strcmp(number, r->what) ||
		     (!strncmp(path, fake->root, strlen(fake->root)) &&
		      !strcmp(path + strlen(fake->root) + 1, r->what))))
			return -r->err;
	}
	return 0;
}

static int drivers_open(const struct kernel *k, const char *path, int flags)
{
	int err = drivers_count_call(k);

	if (!err)
		err = drivers_refuse(drivers_of(k), path, flags);
	return err ? err
		   : drivers_keep_path(
			     drivers_of(k),
			     kernel_real()->open(k, path, flags & ~O_EXCL));
}

static int drivers_stat(const struct kernel *k, const char *path,
			struct stat *st)
{
	int err = drivers_count_call(k);
	char number[64];
	mode_t type;

	if (!err)
		err = kernel_real()->stat(k, path, st);
	if (err || !S_ISREG(st->st_mode))
		return err;
	type = drivers_read_node(path, number, &st->st_rdev);
	if (type)
		st->st_mode = type | (st->st_mode & 07777);
	return 0;
}

static int drivers_mknod(const struct kernel *k, const char *path, mode_t mode,
			 dev_t number)
{
	int err = drivers_count_call(k);
	FILE *file;

	if (err || drivers_of(k)->mknod_error)
		return err ? err : -drivers_of(k)->mknod_error;
	file = fopen(path, "wxe");
	if (!file)
		return -errno;
	fprintf(file, "%c%u:%u", S_ISBLK(mode) ? 'b' : 'c', major(number),
		minor(number));
	return fclose(file) ? -errno : 0;
}

static int drivers_create(const struct kernel *k, const char *path, int mode)
{
	int err = drivers_count_call(k);

	return err ? err
		   : drivers_keep_path(drivers_of(k),
				       kernel_real()->create(k, path, mode));
}

/* As in Linux, the descriptor is gone even where close() fails. */
static int drivers_close(const struct kernel *k, int fd)
{
	struct fake_sysfs *fake = drivers_of(k);
	int err = drivers_count_call(k);
	int n = kernel_real()->close(k, fd);

	if (fd >= 0 && fd < FAKE_FDS) {
		free(fake->paths[fd]);
		fake->paths[fd] = NULL;
	}
	return err ? err : n;
}

static void drivers_bind_device(const char *device, const char *drivers,
				const char *driver)
{
	char link[PATH_MAX], target[PATH_MAX];

	fake_join(link, "%s/driver", device);
	fake_join(target, "%s/%s", drivers, driver);
	if (!access(target, F_OK) && symlink(target, link))
		abort();
}

static void drivers_read_word(const char *device, const char *file,
			      char word[64])
{
	char path[PATH_MAX];
	FILE *f;

	fake_join(path, "%s/%s", device, file);
	word[0] = '\0';
	f = fopen(path, "re");
	if (!f)
		return;
	if (!fgets(word, 64, f))
		word[0] = '\0';
	word[strcspn(word, "\n")] = '\0';
	fclose(f);
}

/* drivers_probe: the override decides, else the driver that the device
 * matches. */
static ssize_t drivers_probe_device(const struct fake_sysfs *fake,
				    const char *bus, const char *name)
{
	char path[PATH_MAX], device[PATH_MAX], drivers[PATH_MAX];
	char link[PATH_MAX], driver[64];

	fake_join(path, "%s/devices/%s", bus, name);
	fake_join(drivers, "%s/drivers", bus);
	if (kernel_real()->realpath(NULL, path, device, sizeof(device)))
		return -EINVAL;
	fake_join(link, "%s/driver", device);
	if (!access(link, F_OK))
		return 0;
	drivers_read_word(device, "driver_override", driver);
	if (!strcmp(driver, "(null)"))
		drivers_read_word(device, ".matches", driver);
	if (driver[0] && strcmp(driver, fake->refuses))
		drivers_bind_device(device, drivers, driver);
	return 0;
}

/* DRIVER/unbind: only a device that is bound to the driver. Its virtual
 * functions end. */
static ssize_t drivers_unbind_device(const char *driver, const char *name)
{
	char link[PATH_MAX], has[PATH_MAX], count[PATH_MAX];

	fake_join(link, "%s/../../devices/%s/driver", driver, name);
	if (kernel_real()->realpath(NULL, link, has, sizeof(has)) ||
	    strcmp(has, driver))
		return -ENODEV;
	fake_join(count, "%s/../../devices/%s/sriov_numvfs", driver, name);
	if (!access(count, F_OK) && truncate(count, 0))
		abort();
	return unlink(link) ? -errno : 0;
}

static ssize_t drivers_set_override(struct fake_sysfs *fake, int fd,
				    const char *text)
{
	const char *stored = strcmp(text, "\n") ? text : "(null)\n";

	fake->is_rash |= fake->has_unsynced;
	/* The kernel prints this for no override; nobody may write it. */
	if (!strcmp(text, "(null)\n"))
		abort();
	if (ftruncate(fd, 0) ||
	    pwrite(fd, stored, strlen(stored), 0) != (ssize_t)strlen(stored))
		return -errno;
	return 0;
}

static ssize_t drivers_write_file(struct fake_sysfs *fake, int fd,
				  const void *data, size_t size)
{
	fake->has_unwritten = true;
	return kernel_real()->write(&fake->kernel, fd, data, size);
}

static ssize_t drivers_write(const struct kernel *k, int fd, const void *data,
			     size_t size)
{
	struct fake_sysfs *fake = drivers_of(k);
	char dir[PATH_MAX], text[256];
	char *file;
	ssize_t n = drivers_count_call(k);

	if (n)
		return n;
	if (fd < 0 || fd >= FAKE_FDS || !fake->paths[fd])
		return -EBADF;
	snprintf(dir, sizeof(dir), "%s", fake->paths[fd]);
	file = strrchr(dir, '/');
	*file++ = '\0';
	snprintf(text, sizeof(text), "%.*s", (int)size, (const char *)data);
	if (!strcmp(file, "drivers_probe"))
		n = drivers_probe_device(fake, dir, text);
	else if (!strcmp(file, "unbind"))
		n = drivers_unbind_device(dir, text);
	else if (!strcmp(file, "driver_override"))
		n = drivers_set_override(fake, fd, text);
	else
		return drivers_write_file(fake, fd, data, size);
	return n < 0 ? n : (ssize_t)size;
}

static int drivers_rename(const struct kernel *k, const char *from,
			  const char *to)
{
	struct fake_sysfs *fake = drivers_of(k);
	int err = drivers_count_call(k);

	fake->is_rash |= fake->has_unwritten;
	fake->has_unsynced = true;
	return err ? err : kernel_real()->rename(k, from, to);
}

/* A new name is on disk once its directory is synced, and bytes once their file
 * is. */
static int drivers_fsync(const struct kernel *k, int fd)
{
	struct fake_sysfs *fake = drivers_of(k);
	int err = drivers_count_call(k);
	DIR *dir;

	if (err)
		return err;
	dir = opendir(fake->paths[fd]);
	if (dir) {
		closedir(dir);
		fake->has_unsynced = false;
	} else {
		fake->has_unwritten = false;
	}
	return kernel_real()->fsync(k, fd);
}

/* Calls that are only counted. */
#define COUNTED(result, name, parameters, arguments)                           \
	static result drivers_##name parameters                                \
	{                                                                      \
		int err = drivers_count_call(k);                               \
                                                                               \
		return err ? err : kernel_real()->name arguments;              \
	}

COUNTED(ssize_t, read,
	(const struct kernel *k, int fd, void *data, size_t size),
	(k, fd, data, size))
COUNTED(ssize_t, readlink,
	(const struct kernel *k, const char *path, char *buffer, size_t size),
	(k, path, buffer, size))
COUNTED(int, realpath,
	(const struct kernel *k, const char *path, char *buffer, size_t size),
	(k, path, buffer, size))
COUNTED(int, list,
	(const struct kernel *k, const char *path,
	 int (*entry)(void *opaque, const char *name), void *opaque),
	(k, path, entry, opaque))
COUNTED(int, list_kinds,
	(const struct kernel *k, const char *path,
	 int (*entry)(void *opaque, const char *name, bool is_dir),
	 void *opaque),
	(k, path, entry, opaque))
COUNTED(int, mkdir, (const struct kernel *k, const char *path, int mode),
	(k, path, mode))
COUNTED(int, unlink, (const struct kernel *k, const char *path), (k, path))

static int drivers_lock(const struct kernel *k, int fd)
{
	struct fake_sysfs *fake = drivers_of(k);
	int err = drivers_count_call(k);

	if (err)
		return err;
	if (!fake->locked)
		return kernel_real()->lock(k, fd);
	fake->locked--;
	return -EWOULDBLOCK;
}

/* In this process: what the real one would do in another. A job that hangs has
 * no effect. */
static ssize_t drivers_apart(const struct kernel *k,
			     const struct apart_job *job)
{
	return drivers_hangs(drivers_of(k), job->path) ? -ETIMEDOUT
						       : fake_apart_do(k, job);
}

/* A pause is over at once. */
static int drivers_poll(const struct kernel *k, struct pollfd *fds,
			unsigned int count, int milliseconds)
{
	(void)milliseconds;
	return count ? kernel_real()->poll(k, fds, count, milliseconds) : 0;
}

static int drivers_address(const struct kernel *k, const char *interface,
			   uint8_t address[4])
{
	static const uint8_t documentation[4] = {192, 0, 2, 1};

	if (strcmp(interface, drivers_of(k)->addressed))
		return -EADDRNOTAVAIL;
	memcpy(address, documentation, sizeof(documentation));
	return 0;
}

void fake_drivers_init(struct fake_sysfs *fake)
{
	fake->kernel = *kernel_real();
	fake->kernel.open = drivers_open;
	fake->kernel.create = drivers_create;
	fake->kernel.close = drivers_close;
	fake->kernel.read = drivers_read;
	fake->kernel.write = drivers_write;
	fake->kernel.readlink = drivers_readlink;
	fake->kernel.realpath = drivers_realpath;
	fake->kernel.list = drivers_list;
	fake->kernel.list_kinds = drivers_list_kinds;
	fake->kernel.address = drivers_address;
	fake->kernel.stat = drivers_stat;
	fake->kernel.peek = drivers_stat;
	fake->kernel.mknod = drivers_mknod;
	fake->kernel.mkdir = drivers_mkdir;
	fake->kernel.rename = drivers_rename;
	fake->kernel.unlink = drivers_unlink;
	fake->kernel.fsync = drivers_fsync;
	fake->kernel.lock = drivers_lock;
	fake->kernel.poll = drivers_poll;
	fake->kernel.apart = drivers_apart;
}

unsigned int fake_drivers_open_count(const struct fake_sysfs *fake)
{
	unsigned int count = 0;

	for (int i = 0; i < FAKE_FDS; i++)
		count += fake->paths[i] != NULL;
	return count;
}
