// SPDX-License-Identifier: MIT
// The scripted kernel's calls on paths: the running kernel's, on the files of
// the temporary directory.

#include <errno.h>

#include "fake/apart.h"
#include "fake/internal.h"

static int fake_path_create(const struct kernel *k, const char *path, int mode)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter_path(fake, FAKE_PATH, path);
	int fd;

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	fd = kernel_real()->create(NULL, path, mode);
	if (fd >= 0)
		fd = fake_fd_add(fake, fd, FAKE_FILE, NULL);
	return fake_leave(fake, n, fd);
}

/* The running kernel's call of this name, unless it is to fail. */
#define PATH_CALL(result, name, path, parameters, arguments)                   \
	static result fake_path_##name parameters                              \
	{                                                                      \
		struct fake_kernel *fake = fake_kernel_of(k);                  \
		unsigned int n = fake_enter_path(fake, FAKE_PATH, path);       \
                                                                               \
		if (fake_fails(fake))                                          \
			return fake_leave(fake, n, -fake->fail_error);         \
		return fake_leave(fake, n,                                     \
				  (int)kernel_real()->name arguments);         \
	}

PATH_CALL(ssize_t, readlink, path,
	  (const struct kernel *k, const char *path, char *buffer, size_t size),
	  (NULL, path, buffer, size))
PATH_CALL(int, realpath, path,
	  (const struct kernel *k, const char *path, char *buffer, size_t size),
	  (NULL, path, buffer, size))
PATH_CALL(int, list, path,
	  (const struct kernel *k, const char *path,
	   int (*entry)(void *opaque, const char *name), void *opaque),
	  (NULL, path, entry, opaque))
PATH_CALL(int, list_kinds, path,
	  (const struct kernel *k, const char *path,
	   int (*entry)(void *opaque, const char *name, bool is_dir),
	   void *opaque),
	  (NULL, path, entry, opaque))
PATH_CALL(int, stat, path,
	  (const struct kernel *k, const char *path, struct stat *st),
	  (NULL, path, st))
PATH_CALL(int, peek, path,
	  (const struct kernel *k, const char *path, struct stat *st),
	  (NULL, path, st))
PATH_CALL(int, mkdir, path,
	  (const struct kernel *k, const char *path, int mode),
	  (NULL, path, mode))
PATH_CALL(int, rename, from,
	  (const struct kernel *k, const char *from, const char *to),
	  (NULL, from, to))
PATH_CALL(int, unlink, path, (const struct kernel *k, const char *path),
	  (NULL, path))
PATH_CALL(int, access, path,
	  (const struct kernel *k, const char *path, int mode),
	  (NULL, path, mode))

static int fake_path_fsync(const struct kernel *k, int fd)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_PATH, 0, fd);

	return fake_leave(fake, n, fake_fails(fake) ? -fake->fail_error : 0);
}

static int fake_path_lock(const struct kernel *k, int fd)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_PATH, 0, fd);

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	return fake_leave(fake, n, kernel_real()->lock(NULL, fd));
}

/* All nodes are there already, and belong to the caller. */
static int fake_path_chown(const struct kernel *k, const char *path, uid_t uid)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter_path(fake, FAKE_PATH, path);

	(void)uid;
	return fake_leave(fake, n, fake_fails(fake) ? -fake->fail_error : 0);
}

static int fake_path_mknod(const struct kernel *k, const char *path,
			   mode_t mode, dev_t number)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter_path(fake, FAKE_PATH, path);

	(void)mode;
	(void)number;
	return fake_leave(fake, n,
			  fake_fails(fake) ? -fake->fail_error : -EPERM);
}

/* The host has no network. */
static int fake_path_address(const struct kernel *k, const char *interface,
			     uint8_t address[4])
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter_path(fake, FAKE_PATH, interface);

	(void)address;
	return fake_leave(
		fake, n, fake_fails(fake) ? -fake->fail_error : -EADDRNOTAVAIL);
}

void fake_paths_init(struct kernel *kernel)
{
	kernel->apart = fake_apart_do;
	kernel->access = fake_path_access;
	kernel->address = fake_path_address;
	kernel->chown = fake_path_chown;
	kernel->mknod = fake_path_mknod;
	kernel->create = fake_path_create;
	kernel->readlink = fake_path_readlink;
	kernel->realpath = fake_path_realpath;
	kernel->list = fake_path_list;
	kernel->list_kinds = fake_path_list_kinds;
	kernel->stat = fake_path_stat;
	kernel->peek = fake_path_peek;
	kernel->mkdir = fake_path_mkdir;
	kernel->rename = fake_path_rename;
	kernel->unlink = fake_path_unlink;
	kernel->fsync = fake_path_fsync;
	kernel->lock = fake_path_lock;
}
