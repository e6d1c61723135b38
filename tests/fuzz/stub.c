// SPDX-License-Identifier: MIT
// A stub kernel with one device and its device node, for fuzz targets.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <linux/vfio.h>

#include "stub.h"
#include "fake/apart.h"

/* The cost of mapping a region is not under test: addresses are given away of
 * memory that is reserved once, and that nobody may access. */
#define MAP_MAX    (64u << 20)
#define ARENA_SIZE (UINT64_C(8) << 30)

#define STUB_EVENTS (STUB_DEVICE + STUB_DEVICES) /* the first eventfd */

int __wrap_nanosleep(const struct timespec *time, struct timespec *left);

/* What waits for a device that is busy asks it again at once. */
int __wrap_nanosleep(const struct timespec *time, struct timespec *left)
{
	(void)time;
	(void)left;
	return 0;
}

void stub_never(const char *what)
{
	fprintf(stderr, "never: %s\n", what);
	abort();
}

/* The library only has a pointer to the table. */
static struct stub *stub_of(const struct kernel *k)
{
	return (struct stub *)(uintptr_t)k;
}

void stub_faults_set(struct stub *stub, struct input *input)
{
	uint8_t kinds = input ? (uint8_t)input_take(input, 1) : 0;

	for (unsigned int i = 0; i < STUB_CALLS; i++) {
		stub->faults.calls[i] = 0;
		stub->faults.pattern[i] =
			kinds & 1u << i ? (uint32_t)input_take(input, 4) : 0;
	}
	stub->faults.is_partial = kinds & 0x80;
}

int stub_faults_next(struct stub *stub, enum stub_call call)
{
	static const int errors[STUB_CALLS] = {EIO,    EIO,    EBUSY,
					       ENOMEM, EMFILE, EINVAL};
	uint32_t pattern = stub->faults.pattern[call];

	if (!pattern)
		return 0;
	return pattern >> stub->faults.calls[call]++ % 32 & 1 ? errors[call]
							      : 0;
}

/* What a transfer of @size bytes returns. */
static ssize_t stub_transfer(struct stub *stub, enum stub_call call,
			     size_t size)
{
	int err = stub_faults_next(stub, call);

	if (err && stub->faults.is_partial)
		return (ssize_t)(size / 2);
	return err ? -err : (ssize_t)size;
}

static bool is_stub_device(int fd)
{
	return fd >= STUB_DEVICE && fd < STUB_EVENTS;
}

static int stub_open(const struct kernel *k, const char *path, int flags)
{
	(void)k;
	(void)path;
	(void)flags;
	return -ENOENT;
}

static int stub_close(const struct kernel *k, int fd)
{
	struct stub *stub = stub_of(k);

	if (fd < STUB_IOMMUFD)
		stub_never("a descriptor closed that is not open");
	if (fd >= STUB_EVENTS && !stub->events--)
		stub_never("an eventfd closed twice");
	return 0;
}

static ssize_t stub_read(const struct kernel *k, int fd, void *data,
			 size_t size)
{
	ssize_t n = stub_transfer(stub_of(k), STUB_READ, size);

	(void)fd;
	if (n > 0)
		memset(data, 0, (size_t)n);
	return n;
}

static ssize_t stub_write(const struct kernel *k, int fd, const void *data,
			  size_t size)
{
	(void)k;
	(void)fd;
	(void)data;
	return (ssize_t)size;
}

static ssize_t stub_pread(const struct kernel *k, int fd, void *data,
			  size_t size, uint64_t offset)
{
	struct stub *stub = stub_of(k);
	ssize_t n;

	if (!is_stub_device(fd) || offset > INT64_MAX ||
	    size > INT64_MAX - offset)
		stub_never("a read that no region has");
	n = stub_transfer(stub, STUB_READ, size);
	if (n > 0)
		stub->read(stub, fd, offset, data, (size_t)n);
	return n;
}

static ssize_t stub_pwrite(const struct kernel *k, int fd, const void *data,
			   size_t size, uint64_t offset)
{
	(void)data;
	if (!is_stub_device(fd) || offset > INT64_MAX ||
	    size > INT64_MAX - offset)
		stub_never("a write that no region has");
	return stub_transfer(stub_of(k), STUB_WRITE, size);
}

/* An answer that asks for more room, however much it had. */
static int stub_ioctl_grow(struct stub *stub, int fd, unsigned long request,
			   void *argument)
{
	uint32_t size, more = 64;
	int result;

	memcpy(&size, argument, sizeof(size));
	result = stub->ioctl(stub, fd, request, argument);
	more += size;
	memcpy(argument, &more, sizeof(more));
	return result;
}

/* What fails in part: fewer interrupts than were asked for, or an answer that
 * grows. */
static int stub_ioctl_fail(struct stub *stub, int fd, unsigned long request,
			   void *argument, int err)
{
	if (!stub->faults.is_partial)
		return -err;
	switch (request) {
	case VFIO_DEVICE_SET_IRQS:
		return 1;
	case VFIO_DEVICE_GET_INFO:
	case VFIO_DEVICE_GET_REGION_INFO:
	case VFIO_DEVICE_GET_IRQ_INFO:
		return stub_ioctl_grow(stub, fd, request, argument);
	}
	return -err;
}

static int stub_ioctl(const struct kernel *k, int fd, unsigned long request,
		      void *argument)
{
	struct stub *stub = stub_of(k);
	int err = fd < STUB_EVENTS ? stub_faults_next(stub, STUB_IOCTL) : 0;

	return err ? stub_ioctl_fail(stub, fd, request, argument, err)
		   : stub->ioctl(stub, fd, request, argument);
}

/* Whether the memory is of those addresses. */
static bool stub_arena_has(const struct stub *stub, const void *vaddr,
			   size_t size)
{
	uint64_t at = (uintptr_t)vaddr - (uintptr_t)stub->arena;

	return at < stub->arena_used && size <= stub->arena_used - at;
}

static int stub_map(const struct kernel *k, void *at, size_t size, int prot,
		    int flags, int fd, uint64_t offset, void **vaddr)
{
	struct stub *stub = stub_of(k);
	uint64_t used;

	(void)prot;
	(void)fd;
	if (offset > INT64_MAX || size > INT64_MAX - offset)
		stub_never("a mapping that no region has");
	if (offset % 4096)
		return -EINVAL;
	if (!size || size > MAP_MAX || stub_faults_next(stub, STUB_MAP))
		return -ENOMEM;
	/* A reservation goes with what is mapped in it. */
	if (flags & MAP_FIXED) {
		if (!stub_arena_has(stub, at, size))
			stub_never("a mapping over what is not ours");
		*vaddr = at;
		return 0;
	}
	size = (size + 4095) / 4096 * 4096;
	used = atomic_fetch_add(&stub->arena_used, size);
	if (used + size > ARENA_SIZE)
		return -ENOMEM;
	stub->maps++;
	*vaddr = stub->arena + used;
	return 0;
}

static int stub_unmap(const struct kernel *k, void *vaddr, size_t size)
{
	struct stub *stub = stub_of(k);

	if (!stub_arena_has(stub, vaddr, size) || !stub->maps--)
		stub_never("what is not mapped unmapped");
	return 0;
}

static int stub_advise(const struct kernel *k, void *vaddr, size_t size,
		       int advice)
{
	(void)k;
	(void)vaddr;
	(void)size;
	(void)advice;
	return 0;
}

static int stub_eventfd(const struct kernel *k)
{
	struct stub *stub = stub_of(k);
	int err = stub_faults_next(stub, STUB_EVENT);

	return err ? -err : STUB_EVENTS + (int)stub->events++;
}

static int stub_poll(const struct kernel *k, struct pollfd *fds,
		     unsigned int count, int milliseconds)
{
	int err = stub_faults_next(stub_of(k), STUB_READ);

	(void)milliseconds;
	if (err)
		return -err;
	for (unsigned int i = 0; i < count; i++)
		fds[i].revents = i & 1 ? POLLIN : 0;
	return (int)count;
}

static int stub_realpath(const struct kernel *k, const char *path, char *buffer,
			 size_t size)
{
	(void)k;
	(void)path;
	(void)buffer;
	(void)size;
	return -ENOENT;
}

static ssize_t stub_readlink(const struct kernel *k, const char *path,
			     char *buffer, size_t size)
{
	return stub_realpath(k, path, buffer, size);
}

static int stub_list(const struct kernel *k, const char *path,
		     int (*entry)(void *opaque, const char *name), void *opaque)
{
	static const char *const names[] = {"0000:02:00.0", "fff51000.ethernet",
					    "10000:e1:00.0", "serial8250"};
	int result = 0;

	(void)k;
	(void)path;
	for (unsigned int i = 0; !result && i < 4; i++)
		result = entry(opaque, names[i]);
	return result;
}

static int stub_list_kinds(const struct kernel *k, const char *path,
			   int (*entry)(void *opaque, const char *name,
					bool is_dir),
			   void *opaque)
{
	(void)k;
	(void)path;
	return entry(opaque, "0000:02:00.0", true);
}

static int stub_fstat(const struct kernel *k, int fd, struct stat *st)
{
	(void)k;
	(void)fd;
	*st = (struct stat){.st_mode = S_IFCHR};
	return 0;
}

static int stub_stat(const struct kernel *k, const char *path, struct stat *st)
{
	(void)path;
	return stub_fstat(k, -1, st);
}

struct stub *stub_get(void)
{
	static struct stub stub = {
		.kernel =
			{
				.open = stub_open,
				.close = stub_close,
				.read = stub_read,
				.apart = fake_apart_do,
				.write = stub_write,
				.pread = stub_pread,
				.pwrite = stub_pwrite,
				.ioctl = stub_ioctl,
				.map = stub_map,
				.unmap = stub_unmap,
				.advise = stub_advise,
				.eventfd = stub_eventfd,
				.poll = stub_poll,
				.readlink = stub_readlink,
				.realpath = stub_realpath,
				.list = stub_list,
				.list_kinds = stub_list_kinds,
				.stat = stub_stat,
				.peek = stub_stat,
				.fstat = stub_fstat,
			},
	};

	if (!stub.ctx) {
		stub.arena = mmap(NULL, ARENA_SIZE, PROT_NONE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				  -1, 0);
		if (stub.arena == MAP_FAILED ||
		    ctx_new(NULL, &stub.kernel, &stub.ctx))
			abort();
	}
	return &stub;
}

void stub_check_idle(struct stub *stub)
{
	if (stub->maps)
		stub_never("a mapping left over");
	stub->arena_used = 0;
	if (stub->events)
		stub_never("an eventfd left over");
	if (stub->ctx->devices || stub->ctx->groups)
		stub_never("a device left over");
}
