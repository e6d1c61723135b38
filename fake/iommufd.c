// SPDX-License-Identifier: MIT
// Scripted iommufds, and device nodes that are bound to them: what may be asked
// in which state.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fake/internal.h"
#include "lib/base/uapi.h"

void fake_iommufd_init(struct fake_iommufd *iommufd)
{
	iommufd->fd = -1;
	for (int i = 0; i < 2; i++)
		fake_space_init(&iommufd->ioas[i].space);
}

int fake_iommufd_open(struct fake_kernel *fake)
{
	for (int i = 0; i < FAKE_IOMMUFDS; i++) {
		struct fake_iommufd *iommufd = &fake->iommufds[i];

		if (iommufd->open_error)
			return -iommufd->open_error;
		if (iommufd->fd >= 0)
			continue;
		iommufd->fd = fake_fd_add(fake, memfd_create("iommufd", 0),
					  FAKE_IOMMUFD, iommufd);
		return iommufd->fd;
	}
	return -ENFILE;
}

void fake_iommufd_close(struct fake_kernel *fake, struct fake_iommufd *iommufd)
{
	for (int i = 0; i < 2; i++) {
		if (iommufd->ioas[i].id)
			fake_misuse(fake, "iommufd closed before its IOAS");
		iommufd->ioas[i].id = 0;
		iommufd->ioas[i].space.mapping_count = 0;
	}
	iommufd->fd = -1;
}

static struct fake_ioas *ioas_find(struct fake_iommufd *iommufd, uint32_t id)
{
	for (int i = 0; id && i < 2; i++)
		if (iommufd->ioas[i].id == id)
			return &iommufd->ioas[i];
	return NULL;
}

static int alloc_ioas(struct fake_iommufd *iommufd,
		      struct uapi_ioas_alloc *alloc)
{
	if (iommufd->alloc_error)
		return -iommufd->alloc_error;
	if (alloc->size < sizeof(*alloc) || alloc->flags)
		return -EINVAL;
	for (uint32_t i = 0; i < 2; i++)
		if (!iommufd->ioas[i].id) {
			iommufd->ioas[i].id = 40 + i;
			alloc->id = 40 + i;
			return 0;
		}
	return -ENOMEM;
}

static int ioas_destroy(struct fake_kernel *fake, struct fake_iommufd *iommufd,
			const struct uapi_iommu_destroy *command)
{
	struct fake_ioas *ioas = ioas_find(iommufd, command->id);

	if (!ioas)
		return -ENOENT;
	if (ioas->devices || ioas->space.mapping_count) {
		fake_misuse(fake, "IOAS destroyed with %u devices, %u mappings",
			    ioas->devices, ioas->space.mapping_count);
		return -EBUSY;
	}
	ioas->id = 0;
	return 0;
}

static int tell_ranges(struct fake_iommufd *iommufd,
		       struct uapi_ioas_iova_ranges *ask)
{
	struct fake_ioas *ioas = ioas_find(iommufd, ask->id);
	uint32_t room = ask->count;

	if (!ioas)
		return -ENOENT;
	for (uint32_t i = 0; i < ioas->space.range_count && i < room; i++)
		memcpy((char *)(uintptr_t)ask->ranges + i * 16,
		       &ioas->space.ranges[i], 16);
	ask->count = ioas->space.range_count;
	if (iommufd->told_count)
		ask->count = iommufd->told_count;
	if (iommufd->grows)
		ask->count = room + 1;
	ask->alignment = iommufd->alignment;
	if (!ask->alignment)
		ask->alignment = ioas->space.pgsizes & -ioas->space.pgsizes;
	if (iommufd->told_count && !iommufd->grows)
		return 0;
	return ask->count > room ? -EMSGSIZE : 0;
}

/* Device registers are no memory. */
static bool is_registers(const struct fake_kernel *fake, uint64_t vaddr)
{
	for (int i = 0; i < FAKE_VMAS; i++) {
		const struct fake_vma *vma = &fake->vmas[i];

		if (vma->device && vaddr >= (uintptr_t)vma->vaddr &&
		    vaddr - (uintptr_t)vma->vaddr < vma->size)
			return true;
	}
	return false;
}

static int fake_ioas_map(const struct fake_kernel *fake,
			 struct fake_iommufd *iommufd,
			 const struct uapi_ioas_map *map)
{
	struct fake_ioas *ioas = ioas_find(iommufd, map->id);

	if (!ioas)
		return -ENOENT;
	if (map->size != sizeof(*map) || map->reserved ||
	    !(map->flags & UAPI_IOAS_MAP_FIXED_IOVA) ||
	    !(map->flags & (UAPI_IOAS_MAP_READABLE | UAPI_IOAS_MAP_WRITEABLE)))
		return -EINVAL;
	if (is_registers(fake, map->vaddr))
		return -EFAULT;
	return fake_space_map(&ioas->space, map->iova, map->vaddr, map->length,
			      map->flags);
}

static int fake_ioas_map_file(struct fake_iommufd *iommufd,
			      const struct uapi_ioas_map_file *map)
{
	struct fake_ioas *ioas = ioas_find(iommufd, map->id);

	if (!iommufd->maps_files)
		return -ENOTTY;
	if (iommufd->map_file_error)
		return -iommufd->map_file_error;
	if (!ioas)
		return -ENOENT;
	return fake_space_map(&ioas->space, map->iova, map->start, map->length,
			      map->flags);
}

static int fake_ioas_unmap(struct fake_iommufd *iommufd,
			   struct uapi_ioas_unmap *unmap)
{
	struct fake_ioas *ioas = ioas_find(iommufd, unmap->id);
	uint64_t last = unmap->iova + (unmap->length - 1);
	uint64_t done;

	if (!ioas)
		return -ENOENT;
	if (!unmap->iova && unmap->length == UINT64_MAX)
		last = UINT64_MAX;
	done = fake_space_unmap(&ioas->space, unmap->iova, last);
	unmap->length = done;
	return done || last == UINT64_MAX ? 0 : -ENOENT;
}

int fake_iommufd_ioctl(struct fake_kernel *fake, struct fake_iommufd *iommufd,
		       unsigned long request, void *argument)
{
	switch (request) {
	case UAPI_IOAS_ALLOC:
		return alloc_ioas(iommufd, argument);
	case UAPI_IOMMU_DESTROY:
		return ioas_destroy(fake, iommufd, argument);
	case UAPI_IOAS_IOVA_RANGES:
		return tell_ranges(iommufd, argument);
	case UAPI_IOAS_MAP:
		return fake_ioas_map(fake, iommufd, argument);
	case UAPI_IOAS_MAP_FILE:
		return fake_ioas_map_file(iommufd, argument);
	case UAPI_IOAS_UNMAP:
		return fake_ioas_unmap(iommufd, argument);
	}
	return -ENOTTY;
}

int fake_cdev_open(struct fake_kernel *fake, unsigned int number)
{
	for (unsigned int i = 0; i < fake->device_count; i++) {
		struct fake_device *device = &fake->devices[i];

		if (device->number == number && device->open_error)
			return -device->open_error;
		if (device->number == number)
			return fake_fd_add(
				fake, fcntl(device->file, F_DUPFD_CLOEXEC, 3),
				FAKE_CDEV, device);
	}
	return -ENXIO;
}

static int cdev_check_token(const struct fake_device *device,
			    const struct uapi_device_bind *bind)
{
	const uint8_t *given = (const uint8_t *)(uintptr_t)bind->token;
	unsigned int byte;
	int at = 0;

	if (!device->takes_token)
		return bind->flags ? -EINVAL : 0;
	if (bind->flags && bind->argsz < sizeof(*bind))
		return -EINVAL;
	if (!device->token)
		return bind->flags ? -EINVAL : 0;
	for (int i = 0; i < 16; i++, at += 2) {
		at += device->token[at] == '-';
		sscanf(device->token + at, "%2x", &byte);
		if (!bind->flags || given[i] != byte)
			return -EACCES;
	}
	return 0;
}

int fake_cdev_bind(struct fake_kernel *fake, struct fake_fd *f, void *argument)
{
	struct fake_device *device = f->object;
	struct uapi_device_bind *bind = argument;
	struct fake_fd *to;
	int err;

	if (!bind)
		return -EFAULT;
	to = fake_fd_find(fake, bind->iommufd);
	if (bind->argsz < 16)
		return -EINVAL;
	if (device->bind_error)
		return -device->bind_error;
	if (device->group->fd >= 0)
		return -EBUSY;
	if (!to || to->kind != FAKE_IOMMUFD)
		return -EBADF;
	if (device->bound)
		return -EINVAL;
	err = cdev_check_token(device, bind);
	if (err)
		return err;
	fake_device_enable(device);
	device->bound = to->object;
	device->fd = f->fd;
	f->kind = FAKE_DEVICE;
	bind->devid = 70 + device->number;
	return 0;
}

static int cdev_attach(struct fake_device *device,
		       struct uapi_device_attach *attach)
{
	struct fake_ioas *ioas = ioas_find(device->bound, attach->id);

	if (device->attach_error)
		return -device->attach_error;
	if (attach->argsz < sizeof(*attach) || attach->flags)
		return -EINVAL;
	if (!ioas)
		return -ENOENT;
	device->attached = ioas;
	ioas->devices++;
	attach->id += 100; /* what the kernel made of it */
	return 0;
}

static int cdev_detach(struct fake_kernel *fake, struct fake_device *device)
{
	if (device->attached && !--device->attached->devices &&
	    device->attached->space.mapping_count)
		fake_misuse(fake, "%s detached with memory mapped",
			    device->name);
	device->attached = NULL;
	return 0;
}

int fake_cdev_ioctl(struct fake_kernel *fake, struct fake_device *device,
		    unsigned long request, void *argument)
{
	if (!device->bound)
		return -ENOTTY;
	switch (request) {
	case UAPI_DEVICE_BIND:
		return -EINVAL;
	case UAPI_DEVICE_ATTACH:
		return cdev_attach(device, argument);
	case UAPI_DEVICE_DETACH:
		return cdev_detach(fake, device);
	}
	return -ENOTTY;
}

void fake_cdev_unbind(struct fake_kernel *fake, struct fake_device *device)
{
	if (device->attached)
		fake_misuse(fake, "%s closed before it was detached",
			    device->name);
	cdev_detach(fake, device);
	device->bound = NULL;
}

int fake_iommufd_pass(struct fake_kernel *fake)
{
	return fake_iommufd_open(fake);
}

int fake_device_pass(struct fake_device *device)
{
	return fake_cdev_open(device->kernel, device->number);
}

void fake_close_passed(struct fake_kernel *fake, int fd)
{
	struct fake_fd *f = fake_fd_find(fake, fd);

	if (!f)
		abort();
	f->fd = 0;
	if (f->kind == FAKE_IOMMUFD)
		fake_iommufd_close(fake, f->object);
	if (f->kind == FAKE_DEVICE)
		fake_device_close(fake, f->object);
	close(fd);
}
