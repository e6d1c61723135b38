// SPDX-License-Identifier: MIT
// The scripted kernel of liblend beside the scripted KVM.
#include <errno.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "faults.h"
#include "lib/base/uapi.h"
#include "scripted-kvm.h"
#include "seam.h"

#define PATIENCE 60 /* seconds that a mapping waits */

static struct kernel seam;
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_on, gave_up;
	void (*held)(void);
} hold = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.changed = PTHREAD_COND_INITIALIZER,
};
static pthread_mutex_t seam_lock = PTHREAD_MUTEX_INITIALIZER;

static void seam_enter(void)
{
	pthread_mutex_lock(&seam_lock);
	faults_enter();
}

static void seam_leave(void)
{
	faults_leave();
	pthread_mutex_unlock(&seam_lock);
}

#define SEAM(type, name, parameters, arguments)                                \
	static type seam_##name parameters                                     \
	{                                                                      \
		type result;                                                   \
                                                                               \
		seam_enter();                                                  \
		result = seam.name arguments;                                  \
		seam_leave();                                                  \
		return result;                                                 \
	}

SEAM(int, open, (const struct kernel *k, const char *path, int flags),
     (k, path, flags))
SEAM(ssize_t, read, (const struct kernel *k, int fd, void *data, size_t size),
     (k, fd, data, size))
SEAM(ssize_t, write,
     (const struct kernel *k, int fd, const void *data, size_t size),
     (k, fd, data, size))
SEAM(ssize_t, pread,
     (const struct kernel *k, int fd, void *data, size_t size, uint64_t offset),
     (k, fd, data, size, offset))
SEAM(ssize_t, pwrite,
     (const struct kernel *k, int fd, const void *data, size_t size,
      uint64_t offset),
     (k, fd, data, size, offset))
SEAM(int, map,
     (const struct kernel *k, void *at, size_t size, int prot, int flags,
      int fd, uint64_t offset, void **vaddr),
     (k, at, size, prot, flags, fd, offset, vaddr))
SEAM(int, unmap, (const struct kernel *k, void *vaddr, size_t size),
     (k, vaddr, size))
SEAM(int, advise,
     (const struct kernel *k, void *vaddr, size_t size, int advice),
     (k, vaddr, size, advice))
SEAM(int, eventfd, (const struct kernel *k), (k))
SEAM(ssize_t, readlink,
     (const struct kernel *k, const char *path, char *buffer, size_t size),
     (k, path, buffer, size))
SEAM(int, realpath,
     (const struct kernel *k, const char *path, char *buffer, size_t size),
     (k, path, buffer, size))
SEAM(int, list,
     (const struct kernel *k, const char *path,
      int (*entry)(void *opaque, const char *name), void *opaque),
     (k, path, entry, opaque))
SEAM(int, stat, (const struct kernel *k, const char *path, struct stat *st),
     (k, path, st))
SEAM(int, fstat, (const struct kernel *k, int fd, struct stat *st), (k, fd, st))
SEAM(int, access, (const struct kernel *k, const char *path, int mode),
     (k, path, mode))

/* KVM's descriptors are not the scripted kernel's. */
static int seam_close(const struct kernel *k, int fd)
{
	int result;

	seam_enter();
	result = scripted_kvm_has(fd) ? close(fd) : seam.close(k, fd);
	seam_leave();
	return result;
}

static int seam_ioctl_kvm(int fd, unsigned long request, void *argument)
{
	int result;

	if (faults_hit(scripted_kvm_name(fd, request)))
		return -errno;
	result = scripted_kvm_ioctl(fd, request, argument);
	return result < 0 ? -errno : result;
}

static void seam_wait(void)
{
	struct timespec until;
	int err = 0;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	pthread_mutex_lock(&hold.lock);
	if (hold.is_on && hold.held)
		hold.held();
	while (hold.is_on && !err)
		err = pthread_cond_timedwait(&hold.changed, &hold.lock, &until);
	hold.gave_up |= err != 0;
	pthread_mutex_unlock(&hold.lock);
}

void seam_hold_maps(void (*held)(void))
{
	pthread_mutex_lock(&hold.lock);
	hold.is_on = true;
	hold.gave_up = false;
	hold.held = held;
	pthread_mutex_unlock(&hold.lock);
}

bool seam_release_maps(void)
{
	bool gave_up;

	pthread_mutex_lock(&hold.lock);
	hold.is_on = false;
	gave_up = hold.gave_up;
	pthread_cond_broadcast(&hold.changed);
	pthread_mutex_unlock(&hold.lock);
	return !gave_up;
}

static int seam_ioctl(const struct kernel *k, int fd, unsigned long request,
		      void *argument)
{
	int result;

	if (scripted_kvm_has(fd))
		return seam_ioctl_kvm(fd, request, argument);
	if (request == UAPI_IOAS_MAP)
		seam_wait();
	seam_enter();
	result = seam.ioctl(k, fd, request, argument);
	seam_leave();
	return result;
}

void seam_set(struct fake_kernel *fake)
{
	struct kernel *k = &fake->kernel;

	seam = *k;
	k->open = seam_open;
	k->close = seam_close;
	k->read = seam_read;
	k->write = seam_write;
	k->pread = seam_pread;
	k->pwrite = seam_pwrite;
	k->ioctl = seam_ioctl;
	k->map = seam_map;
	k->unmap = seam_unmap;
	k->advise = seam_advise;
	k->eventfd = seam_eventfd;
	k->readlink = seam_readlink;
	k->realpath = seam_realpath;
	k->list = seam_list;
	k->stat = seam_stat;
	k->fstat = seam_fstat;
	k->access = seam_access;
}
