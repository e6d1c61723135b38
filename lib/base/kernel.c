// SPDX-License-Identifier: MIT
// The running kernel behind the seam: each entry is the system call, with its
// error turned into -errno.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/stat.h>

#include "lib/base/kernel.h"

static int real_open(const struct kernel *k, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	(void)k;
	return fd < 0 ? -errno : fd;
}

static int real_create(const struct kernel *k, const char *path, int mode)
{
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, mode);

	(void)k;
	return fd < 0 ? -errno : fd;
}

static int real_close(const struct kernel *k, int fd)
{
	(void)k;
	return close(fd) ? -errno : 0;
}

static ssize_t real_read(const struct kernel *k, int fd, void *data,
			 size_t size)
{
	ssize_t n = read(fd, data, size);

	(void)k;
	return n < 0 ? -errno : n;
}

static ssize_t real_write(const struct kernel *k, int fd, const void *data,
			  size_t size)
{
	ssize_t n = write(fd, data, size);

	(void)k;
	return n < 0 ? -errno : n;
}

static ssize_t real_pread(const struct kernel *k, int fd, void *data,
			  size_t size, uint64_t offset)
{
	ssize_t n = pread(fd, data, size, (off_t)offset);

	(void)k;
	return n < 0 ? -errno : n;
}

static ssize_t real_pwrite(const struct kernel *k, int fd, const void *data,
			   size_t size, uint64_t offset)
{
	ssize_t n = pwrite(fd, data, size, (off_t)offset);

	(void)k;
	return n < 0 ? -errno : n;
}

static int real_ioctl(const struct kernel *k, int fd, unsigned long request,
		      void *argument)
{
	int n = ioctl(fd, request, argument);

	(void)k;
	return n < 0 ? -errno : n;
}

static int real_map(const struct kernel *k, void *at, size_t size, int prot,
		    int flags, int fd, uint64_t offset, void **vaddr)
{
	void *p = mmap(at, size, prot, flags, fd, (off_t)offset);

	(void)k;
	if (p == MAP_FAILED)
		return -errno;
	*vaddr = p;
	return 0;
}

static int real_unmap(const struct kernel *k, void *vaddr, size_t size)
{
	(void)k;
	return munmap(vaddr, size) ? -errno : 0;
}

static int real_advise(const struct kernel *k, void *vaddr, size_t size,
		       int advice)
{
	(void)k;
	return madvise(vaddr, size, advice) ? -errno : 0;
}

static int real_eventfd(const struct kernel *k)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	(void)k;
	return fd < 0 ? -errno : fd;
}

/* All files without an inode of their own share one: what is not an eventfd
 * among them takes no bytes, or fails. Any other file could make a writer wait.
 */
static bool real_is_anonymous(int fd, int eventfd)
{
	struct stat st, own;

	return !fstat(fd, &st) && !fstat(eventfd, &own) &&
	       st.st_dev == own.st_dev && st.st_ino == own.st_ino;
}

static int real_adopt(const struct kernel *k, int fd)
{
	int own = real_eventfd(k), flags, copy;
	bool is_anonymous = own >= 0 && real_is_anonymous(fd, own);

	if (own < 0)
		return own;
	close(own);
	flags = fcntl(fd, F_GETFL);
	if (!is_anonymous || flags < 0)
		return -EINVAL;
	if (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK))
		return -errno;
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return copy < 0 ? -errno : copy;
}

static int real_poll(const struct kernel *k, struct pollfd *fds,
		     unsigned int count, int milliseconds)
{
	int n = poll(fds, count, milliseconds);

	(void)k;
	return n < 0 ? -errno : n;
}

static ssize_t real_readlink(const struct kernel *k, const char *path,
			     char *buffer, size_t size)
{
	ssize_t n = readlink(path, buffer, size);

	(void)k;
	return n < 0 ? -errno : n;
}

/* Lets the kernel resolve a path: three calls, while realpath() looks up each
 * component. Returns false on failure. */
static bool real_ask_path(const char *path, char *buffer, size_t size)
{
	char link[sizeof("/proc/self/fd/-2147483648")];
	int fd = open(path, O_PATH | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, buffer, size);
	close(fd);
	/* No procfs, outside this root, or too long. */
	if (n <= 0 || (size_t)n >= size || buffer[0] != '/')
		return false;
	buffer[n] = '\0';
	return true;
}

static int real_realpath(const struct kernel *k, const char *path, char *buffer,
			 size_t size)
{
	char *resolved;
	int err = 0;

	(void)k;
	if (real_ask_path(path, buffer, size))
		return 0;
	resolved = realpath(path, NULL);
	if (!resolved)
		return -errno;
	if (strlen(resolved) < size)
		strcpy(buffer, resolved);
	else
		err = -ENAMETOOLONG;
	free(resolved);
	return err;
}

/* The layout of getdents64(), which the C library does not declare. */
struct entry {
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};

static int real_list_some(const char *entries, ssize_t size,
			  int (*entry)(void *opaque, const char *name,
				       bool is_dir),
			  void *opaque)
{
	int err = 0;

	for (ssize_t at = 0; !err && at < size;) {
		const struct entry *e = (const void *)(entries + at);

		at += e->size;
		if (strcmp(e->name, ".") && strcmp(e->name, ".."))
			err = entry(opaque, e->name, e->type == DT_DIR);
	}
	return err;
}

/* opendir() would also stat what it opened, and allocate 32 KiB. */
static int real_list_kinds(const struct kernel *k, const char *path,
			   int (*entry)(void *opaque, const char *name,
					bool is_dir),
			   void *opaque)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_Alignas(8) char entries[4096];
	ssize_t size = 1;
	int err = 0;

	(void)k;
	if (fd < 0)
		return -errno;
	while (!err && size > 0) {
		size = syscall(SYS_getdents64, fd, entries, sizeof(entries));
		err = size < 0 ? -errno
			       : real_list_some(entries, size, entry, opaque);
	}
	close(fd);
	return err;
}

struct listing {
	int (*entry)(void *opaque, const char *name);
	void *opaque;
};

static int real_list_any(void *opaque, const char *name, bool is_dir)
{
	const struct listing *listing = opaque;

	(void)is_dir;
	return listing->entry(listing->opaque, name);
}

static int real_list(const struct kernel *k, const char *path,
		     int (*entry)(void *opaque, const char *name), void *opaque)
{
	struct listing listing = {entry, opaque};

	return real_list_kinds(k, path, real_list_any, &listing);
}

static int real_stat(const struct kernel *k, const char *path, struct stat *st)
{
	(void)k;
	return stat(path, st) ? -errno : 0;
}

static int real_peek(const struct kernel *k, const char *path, struct stat *st)
{
	struct statx found;

	(void)k;
	/* By number: not every C library has the function. */
	if (syscall(SYS_statx, AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_TYPE,
		    &found))
		return -errno;
	*st = (struct stat){
		.st_mode = found.stx_mode,
		.st_rdev = makedev(found.stx_rdev_major, found.stx_rdev_minor),
	};
	return 0;
}

static int real_fstat(const struct kernel *k, int fd, struct stat *st)
{
	(void)k;
	return fstat(fd, st) ? -errno : 0;
}

static int real_access(const struct kernel *k, const char *path, int mode)
{
	(void)k;
	return faccessat(AT_FDCWD, path, mode, AT_EACCESS) ? -errno : 0;
}

static int real_chown(const struct kernel *k, const char *path, uid_t uid)
{
	(void)k;
	return chown(path, uid, (gid_t)-1) ? -errno : 0;
}

static int real_address(const struct kernel *k, const char *interface,
			uint8_t address[4])
{
	struct ifreq request = {0};
	struct sockaddr_in in;
	int fd, err = 0;

	(void)k;
	if (strlen(interface) >= sizeof(request.ifr_name))
		return -ENAMETOOLONG;
	strcpy(request.ifr_name, interface);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &request))
		err = -errno;
	else if (!(request.ifr_flags & IFF_UP))
		err = -ENETDOWN;
	else if (ioctl(fd, SIOCGIFADDR, &request))
		err = -errno;
	close(fd);
	if (err)
		return err;
	memcpy(&in, &request.ifr_addr, sizeof(in));
	memcpy(address, &in.sin_addr, 4);
	return 0;
}

static int real_mkdir(const struct kernel *k, const char *path, int mode)
{
	(void)k;
	return mkdir(path, mode) ? -errno : 0;
}

static int real_rename(const struct kernel *k, const char *from, const char *to)
{
	(void)k;
	return rename(from, to) ? -errno : 0;
}

static int real_unlink(const struct kernel *k, const char *path)
{
	(void)k;
	return unlink(path) ? -errno : 0;
}

static int real_mknod(const struct kernel *k, const char *path, mode_t mode,
		      dev_t number)
{
	(void)k;
	return mknod(path, mode, number) ? -errno : 0;
}

static int real_accept(const struct kernel *k, int fd)
{
	int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)k;
	return accepted < 0 ? -errno : accepted;
}

static ssize_t real_send(const struct kernel *k, int fd,
			 const struct msghdr *message)
{
	ssize_t n = sendmsg(fd, message, MSG_DONTWAIT | MSG_NOSIGNAL);

	(void)k;
	return n < 0 ? -errno : n;
}

static ssize_t real_receive(const struct kernel *k, int fd,
			    struct msghdr *message)
{
	ssize_t n = recvmsg(fd, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	(void)k;
	return n < 0 ? -errno : n;
}

static int real_seals(const struct kernel *k, int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);

	(void)k;
	return seals < 0 ? -errno : seals;
}

static int real_dup(const struct kernel *k, int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	(void)k;
	return copy < 0 ? -errno : copy;
}

static int real_shutdown(const struct kernel *k, int fd)
{
	(void)k;
	return shutdown(fd, SHUT_RDWR) ? -errno : 0;
}

static int real_fsync(const struct kernel *k, int fd)
{
	(void)k;
	return fsync(fd) ? -errno : 0;
}

static int real_lock(const struct kernel *k, int fd)
{
	(void)k;
	return flock(fd, LOCK_EX | LOCK_NB) ? -errno : 0;
}

static ssize_t real_apart(const struct kernel *k, const struct apart_job *job)
{
	(void)k;
	return apart_run(job);
}

const struct kernel *kernel_real(void)
{
	static const struct kernel real = {
		.open = real_open,
		.create = real_create,
		.close = real_close,
		.read = real_read,
		.write = real_write,
		.pread = real_pread,
		.pwrite = real_pwrite,
		.ioctl = real_ioctl,
		.map = real_map,
		.unmap = real_unmap,
		.advise = real_advise,
		.eventfd = real_eventfd,
		.adopt = real_adopt,
		.poll = real_poll,
		.readlink = real_readlink,
		.realpath = real_realpath,
		.list = real_list,
		.list_kinds = real_list_kinds,
		.stat = real_stat,
		.peek = real_peek,
		.fstat = real_fstat,
		.access = real_access,
		.chown = real_chown,
		.address = real_address,
		.mkdir = real_mkdir,
		.rename = real_rename,
		.unlink = real_unlink,
		.mknod = real_mknod,
		.accept = real_accept,
		.send = real_send,
		.receive = real_receive,
		.seals = real_seals,
		.dup = real_dup,
		.shutdown = real_shutdown,
		.fsync = real_fsync,
		.lock = real_lock,
		.apart = real_apart,
	};

	return &real;
}
