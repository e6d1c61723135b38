/* SPDX-License-Identifier: MIT */
/* The seam between the library and the kernel: every call that can fail for a
 * reason outside this process goes through one table, so that tests can script
 * the answers and fail each call in turn. */
#ifndef LIB_BASE_KERNEL_H
#define LIB_BASE_KERNEL_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "lib/base/apart.h"

/*
 * All return a value >= 0, or -errno; map returns 0 and the address in *vaddr.
 * Descriptors are made close-on-exec.
 */
struct kernel {
	int (*open)(const struct kernel *k, const char *path, int flags);
	int (*create)(const struct kernel *k, const char *path, int mode);
	int (*close)(const struct kernel *k, int fd);
	ssize_t (*read)(const struct kernel *k, int fd, void *data,
			size_t size);
	ssize_t (*write)(const struct kernel *k, int fd, const void *data,
			 size_t size);
	ssize_t (*pread)(const struct kernel *k, int fd, void *data,
			 size_t size, uint64_t offset);
	ssize_t (*pwrite)(const struct kernel *k, int fd, const void *data,
			  size_t size, uint64_t offset);
	int (*ioctl)(const struct kernel *k, int fd, unsigned long request,
		     void *argument);
	int (*map)(const struct kernel *k, void *at, size_t size, int prot,
		   int flags, int fd, uint64_t offset, void **vaddr);
	int (*unmap)(const struct kernel *k, void *vaddr, size_t size);
	int (*advise)(const struct kernel *k, void *vaddr, size_t size,
		      int advice);
	int (*eventfd)(const struct kernel *k);
	/* Duplicates an eventfd of another process, and has writes to it never
	 * wait; -EINVAL if it is none. */
	int (*adopt)(const struct kernel *k, int fd);
	int (*poll)(const struct kernel *k, struct pollfd *fds,
		    unsigned int count, int milliseconds);
	ssize_t (*readlink)(const struct kernel *k, const char *path,
			    char *buffer, size_t size);
	int (*realpath)(const struct kernel *k, const char *path, char *buffer,
			size_t size);
	int (*list)(const struct kernel *k, const char *path,
		    int (*entry)(void *opaque, const char *name), void *opaque);
	/* Links to directories are none. */
	int (*list_kinds)(const struct kernel *k, const char *path,
			  int (*entry)(void *opaque, const char *name,
				       bool is_dir),
			  void *opaque);
	int (*stat)(const struct kernel *k, const char *path, struct stat *st);
	/* st_mode and st_rdev alone, as the kernel has them cached: a file
	 * server that does not answer is not asked. */
	int (*peek)(const struct kernel *k, const char *path, struct stat *st);
	int (*fstat)(const struct kernel *k, int fd, struct stat *st);
	int (*access)(const struct kernel *k, const char *path, int mode);
	int (*chown)(const struct kernel *k, const char *path, uid_t uid);
	/* The IPv4 address of a network interface, if it has one and is up. */
	int (*address)(const struct kernel *k, const char *interface,
		       uint8_t address[4]);
	int (*mkdir)(const struct kernel *k, const char *path, int mode);
	int (*rename)(const struct kernel *k, const char *from, const char *to);
	int (*unlink)(const struct kernel *k, const char *path);
	/* Makes a device node; mode has its type and its access rights. */
	int (*mknod)(const struct kernel *k, const char *path, mode_t mode,
		     dev_t number);
	/* On sockets; none of the three waits. */
	int (*accept)(const struct kernel *k, int fd);
	ssize_t (*send)(const struct kernel *k, int fd,
			const struct msghdr *message);
	ssize_t (*receive)(const struct kernel *k, int fd,
			   struct msghdr *message);
	/* F_SEAL_* of a file of tmpfs or hugetlbfs; -EINVAL for any other. */
	int (*seals)(const struct kernel *k, int fd);
	int (*dup)(const struct kernel *k, int fd);
	/* Ends a connection, both ways, for every copy of the socket. */
	int (*shutdown)(const struct kernel *k, int fd);
	int (*fsync)(const struct kernel *k, int fd);
	int (*lock)(const struct kernel *k, int fd);
	/* Reads or writes a file in a process of its own, see apart_run(). */
	ssize_t (*apart)(const struct kernel *k, const struct apart_job *job);
};

/* A table that a program passes in. The table has no ABI: it fits the library
 * whose headers it was built with, and no other. */
struct lend_kernel {
	size_t size;          /* sizeof(struct kernel) */
	unsigned int version; /* LEND_VERSION_NUMBER() of its build */
	const struct kernel *calls;
};

/* The running kernel. Stateless, so one serves every context. */
const struct kernel *kernel_real(void);

#endif
