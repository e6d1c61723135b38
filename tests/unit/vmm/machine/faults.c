// SPDX-License-Identifier: MIT
// System calls and allocations of the machine, one of which fails.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>
#include <linux/capability.h>

#include "faults.h"
#include "scripted-kvm.h"

static struct {
	atomic_bool is_on;
	atomic_uint calls;
	unsigned int fail_at;
	const char *fail_name; /* or NULL: by number */
	atomic_bool has_failed;
	int err;
	char name[64];
	atomic_int mappings;
	atomic_uint inherited;
	atomic_uint privileges, capabilities, paths, calls_filtered;
} faults;

static _Thread_local unsigned int faults_depth;

void faults_begin(unsigned int fail_at, int err)
{
	faults.calls = 0;
	faults.fail_at = fail_at;
	faults.fail_name = NULL;
	faults.has_failed = false;
	faults.err = err;
	faults.name[0] = '\0';
	faults.mappings = 0;
	faults.inherited = 0;
	faults.privileges = faults.capabilities = 0;
	faults.paths = faults.calls_filtered = 0;
	faults.is_on = true;
}

void faults_begin_named(const char *name, int err)
{
	faults_begin(0, err);
	faults.fail_name = name;
}

unsigned int faults_end(void)
{
	faults.is_on = false;
	return faults.calls;
}

const char *faults_name(void)
{
	return faults.name;
}

int faults_mappings(void)
{
	return faults.mappings;
}

void faults_enter(void)
{
	faults_depth++;
}

void faults_leave(void)
{
	faults_depth--;
}

static bool faults_count(void)
{
	return faults.is_on && !faults_depth;
}

static bool faults_choose(const char *name)
{
	unsigned int call = atomic_fetch_add(&faults.calls, 1) + 1;

	if (!faults.fail_name)
		return call == faults.fail_at;
	return !strcmp(name, faults.fail_name) &&
	       !atomic_exchange(&faults.has_failed, true);
}

bool faults_hit(const char *name)
{
	if (!faults_count() || !faults_choose(name))
		return false;
	snprintf(faults.name, sizeof(faults.name), "%s", name);
	errno = faults.err;
	return true;
}

unsigned int faults_inherited(void)
{
	return faults.inherited;
}

struct faults_protections faults_protections(void)
{
	return (struct faults_protections){
		.privileges = faults.privileges,
		.capabilities = faults.capabilities,
		.paths = faults.paths,
		.calls = faults.calls_filtered,
	};
}

/* A protection that is asked for, and not given. */
static int faults_protect(const char *name, atomic_uint *count)
{
	if (faults_hit(name))
		return -1;
	(*count)++;
	return 0;
}

/* What a call of the machine opened. */
static int faults_look(int fd)
{
	if (faults_count() && fd >= 0 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
		faults.inherited++;
	return fd;
}

/* A call that only fails, and one that opens a descriptor. */
#define FAULTS_WRAP(type, failed, name, parameters, arguments)                 \
	type __real_##name parameters;                                         \
	type __wrap_##name parameters;                                         \
	type __wrap_##name parameters                                          \
	{                                                                      \
		return faults_hit(#name) ? failed : __real_##name arguments;   \
	}

#define FAULTS_OPEN(name, parameters, arguments)                               \
	int __real_##name parameters;                                          \
	int __wrap_##name parameters;                                          \
	int __wrap_##name parameters                                           \
	{                                                                      \
		return faults_hit(#name)                                       \
			       ? -1                                            \
			       : faults_look(__real_##name arguments);         \
	}

FAULTS_WRAP(void *, NULL, malloc, (size_t size), (size))
FAULTS_WRAP(void *, NULL, calloc, (size_t count, size_t size), (count, size))
FAULTS_WRAP(void *, NULL, reallocarray, (void *p, size_t count, size_t size),
	    (p, count, size))
FAULTS_OPEN(eventfd, (unsigned int count, int flags), (count, flags))
FAULTS_OPEN(epoll_create1, (int flags), (flags))
FAULTS_WRAP(int, -1, epoll_wait,
	    (int epfd, struct epoll_event *events, int count, int timeout),
	    (epfd, events, count, timeout))
FAULTS_OPEN(signalfd, (int fd, const sigset_t *mask, int flags),
	    (fd, mask, flags))
FAULTS_WRAP(int, -1, poll, (struct pollfd * fds, nfds_t count, int timeout),
	    (fds, count, timeout))
FAULTS_WRAP(ssize_t, -1, read, (int fd, void *data, size_t size),
	    (fd, data, size))
FAULTS_WRAP(ssize_t, -1, pread64,
	    (int fd, void *data, size_t size, off64_t offset),
	    (fd, data, size, offset))
FAULTS_WRAP(int, -1, tcgetattr, (int fd, struct termios *t), (fd, t))
FAULTS_WRAP(int, -1, fstat64, (int fd, struct stat64 *st), (fd, st))
FAULTS_OPEN(mkostemp64, (char *name, int flags), (name, flags))
FAULTS_WRAP(int, -1, ftruncate64, (int fd, off64_t size), (fd, size))
FAULTS_WRAP(FILE *, NULL, fopen64, (const char *path, const char *mode),
	    (path, mode))

int __real_sigaction(int number, const struct sigaction *action,
		     struct sigaction *before);
int __wrap_sigaction(int number, const struct sigaction *action,
		     struct sigaction *before);
int __real_madvise(void *at, size_t size, int advice);
int __wrap_madvise(void *at, size_t size, int advice);
int __wrap_fallocate64(int fd, int mode, off64_t at, off64_t size);
int __real_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
int __wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event);
int __real_tcsetattr(int fd, int action, const struct termios *t);
int __wrap_tcsetattr(int fd, int action, const struct termios *t);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*run)(void *opaque), void *opaque);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*run)(void *opaque), void *opaque);
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__real_mmap64(void *at, size_t size, int prot, int flags, int fd,
		    off64_t offset);
void *__wrap_mmap64(void *at, size_t size, int prot, int flags, int fd,
		    off64_t offset);
int __real_munmap(void *at, size_t size);
int __wrap_munmap(void *at, size_t size);
int __wrap_prctl(int option, ...);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, ...);

/* What restores an action cannot fail. */
int __wrap_sigaction(int number, const struct sigaction *action,
		     struct sigaction *before)
{
	const char *name =
		number == SIGUSR1 ? "sigaction" : "sigaction for a crash";

	return before && faults_hit(name)
		       ? -1
		       : __real_sigaction(number, action, before);
}

/* Pages that nobody accesses are most of the cost of a life. */
int __wrap_madvise(void *at, size_t size, int advice)
{
	if (faults_hit("madvise"))
		return -1;
	return advice == MADV_POPULATE_WRITE ? 0
					     : __real_madvise(at, size, advice);
}

/* So is the space of a file. */
int __wrap_fallocate64(int fd, int mode, off64_t at, off64_t size)
{
	(void)mode;
	return faults_hit("fallocate64") ? -1
					 : __real_ftruncate64(fd, at + size);
}

/* What removes does so even then. */
int __wrap_epoll_ctl(int epfd, int op, int fd, struct epoll_event *event)
{
	bool removes = op == EPOLL_CTL_DEL;
	bool fails =
		faults_hit(removes ? "epoll_ctl that removes" : "epoll_ctl");

	return (fails && !removes) || __real_epoll_ctl(epfd, op, fd, event) ||
			       fails
		       ? -1
		       : 0;
}

/* What restores a terminal does so even then. */
int __wrap_tcsetattr(int fd, int action, const struct termios *t)
{
	bool fails = faults_hit("tcsetattr");

	return (fails && !(t->c_lflag & ICANON)) ||
			       __real_tcsetattr(fd, action, t) || fails
		       ? -1
		       : 0;
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attr,
			  void *(*run)(void *opaque), void *opaque)
{
	return faults_hit("pthread_create")
		       ? faults.err
		       : __real_pthread_create(thread, attr, run, opaque);
}

int __wrap_open64(const char *path, int flags, ...)
{
	char name[64];
	va_list args;
	int mode;

	va_start(args, flags);
	mode = va_arg(args, int);
	va_end(args);
	snprintf(name, sizeof(name), "open %s", path);
	if (faults_hit(name))
		return -1;
	return faults_count() && scripted_kvm_has_path(path)
		       ? scripted_kvm_open(flags)
		       : faults_look(__real_open64(path, flags, mode));
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	void *argument;
	va_list args;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	if (!scripted_kvm_has(fd))
		return __real_ioctl(fd, request, argument);
	if (faults_hit(scripted_kvm_name(fd, request)))
		return -1;
	return scripted_kvm_ioctl(fd, request, argument);
}

void *__wrap_mmap64(void *at, size_t size, int prot, int flags, int fd,
		    off64_t offset)
{
	void *mapped;

	if (faults_hit("mmap"))
		return MAP_FAILED;
	mapped = __real_mmap64(at, size, prot, flags, fd, offset);
	if (mapped != MAP_FAILED && faults_count() && !(flags & MAP_FIXED))
		faults.mappings++;
	return mapped;
}

int __wrap_munmap(void *at, size_t size)
{
	if (faults_count())
		faults.mappings--;
	return __real_munmap(at, size);
}

int __wrap_prctl(int option, ...)
{
	atomic_uint others = 0;

	return faults_protect("prctl", option == PR_SET_NO_NEW_PRIVS
					       ? &faults.privileges
					       : &others);
}

long __wrap_syscall(long number, ...)
{
	long args[3];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 3; i++)
		args[i] = va_arg(list, long);
	va_end(list);
	switch (number) {
	case SYS_landlock_create_ruleset:
		return faults_hit("landlock_create_ruleset")
			       ? -1
			       : __real_eventfd(0, EFD_CLOEXEC);
	case SYS_landlock_restrict_self:
		return faults_protect("landlock_restrict_self", &faults.paths);
	case SYS_seccomp:
		return faults_protect("seccomp", &faults.calls_filtered);
	case SYS_capget: /* no limit to pinned memory */
		memset((void *)args[1], 0xff,
		       sizeof(struct __user_cap_data_struct));
		return 0;
	case SYS_capset:
		return faults_protect("capset", &faults.capabilities);
	default:
		return __real_syscall(number, args[0], args[1], args[2]);
	}
}
