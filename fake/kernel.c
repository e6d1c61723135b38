// SPDX-License-Identifier: MIT
// The scripted kernel's system calls, on the objects that descriptors stand
// for.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <linux/vfio.h>

#include "fake/internal.h"
#include "lib/base/uapi.h"

static void note_data(struct fake_call *call, const void *data, size_t size)
{
	memcpy(call->data, data,
	       size < sizeof(call->data) ? size : sizeof(call->data));
}

struct fake_fd *fake_fd_find(struct fake_kernel *fake, int fd)
{
	for (int i = 0; fd > 0 && i < FAKE_FDS; i++)
		if (fake->fds[i].fd == fd)
			return &fake->fds[i];
	return NULL;
}

int fake_fd_add(struct fake_kernel *fake, int fd, int kind, void *object)
{
	for (int i = 0; fd > 0 && i < FAKE_FDS; i++)
		if (!fake->fds[i].fd) {
			fake->fds[i].fd = fd;
			fake->fds[i].kind = kind;
			fake->fds[i].object = object;
			return fd;
		}
	if (fd >= 0)
		close(fd);
	return -EMFILE;
}

static int fake_open_node(struct fake_kernel *fake, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	char *end;
	long number;

	if (access(path, F_OK))
		return -ENOENT;
	if (!strcmp(name, "vfio"))
		return fake_container_open(fake);
	if (!strcmp(name, "iommu"))
		return fake_iommufd_open(fake);
	if (!strncmp(name, "vfio", 4))
		return fake_cdev_open(fake, (unsigned int)atoi(name + 4));
	if (!strncmp(name, "noiommu-", 8))
		name += 8;
	number = strtol(name, &end, 10);
	if (*end || end == name)
		return -ENXIO;
	return fake_group_open(fake, (int)number);
}

static int fake_kernel_open(const struct kernel *k, const char *path, int flags)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter_path(fake, FAKE_OPEN, path);
	char nodes[96], iommu[96];
	int fd;

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	snprintf(nodes, sizeof(nodes), "%s/dev/vfio/", fake->root);
	snprintf(iommu, sizeof(iommu), "%s/dev/iommu", fake->root);
	if (!strncmp(path, nodes, strlen(nodes)) || !strcmp(path, iommu))
		return fake_leave(fake, n, fake_open_node(fake, path));
	fd = kernel_real()->open(NULL, path, flags);
	if (fd >= 0)
		fd = fake_fd_add(fake, fd, FAKE_FILE, NULL);
	return fake_leave(fake, n, fd);
}

static int fake_kernel_close(const struct kernel *k, int fd)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_CLOSE, 0, fd);
	struct fake_fd *f = fake_fd_find(fake, fd);

	if (!f) {
		fake_misuse(fake, "close of %d, which is not open", fd);
		return fake_leave(fake, n, -EBADF);
	}
	f->fd = 0;
	if (f->kind == FAKE_CONTAINER)
		fake_container_close(fake, f->object);
	else if (f->kind == FAKE_GROUP)
		fake_group_close(fake, f->object);
	else if (f->kind == FAKE_DEVICE)
		fake_device_close(fake, f->object);
	else if (f->kind == FAKE_IOMMUFD)
		fake_iommufd_close(fake, f->object);
	close(fd);
	return fake_leave(fake, n, fake_fails(fake) ? -fake->fail_error : 0);
}

static ssize_t fake_kernel_read(const struct kernel *k, int fd, void *data,
				size_t size)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_READ, 0, fd);

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	return fake_leave(fake, n,
			  (int)kernel_real()->read(NULL, fd, data, size));
}

static ssize_t fake_kernel_write(const struct kernel *k, int fd,
				 const void *data, size_t size)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_WRITE, 0, fd);

	note_data(&fake->log[n], data, size);
	fake->log[n].size = size;
	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	return fake_leave(fake, n,
			  (int)kernel_real()->write(NULL, fd, data, size));
}

/* Moves bytes between a device and @data, as many as the kernel would. */
static ssize_t fake_region_access(struct fake_device *device, enum fake_op op,
				  void *data, size_t size, uint64_t offset)
{
	struct fake_region *region;
	unsigned int index;

	region = fake_region_at(device, &offset, &index);
	if (!region)
		return -EINVAL;
	if (size > region->size - offset)
		size = region->size - offset;
	size -= region->short_access && size;
	if (op == FAKE_PREAD)
		memcpy(data, region->bytes + offset, size);
	for (size_t i = 0; i < size; i++) {
		bool hidden = index == device->msix_hole.bar &&
			      offset + i >= device->msix_hole.start &&
			      offset + i < device->msix_hole.end;

		if (op == FAKE_PREAD && hidden)
			((uint8_t *)data)[i] = 0xff;
		else if (op == FAKE_PWRITE && !hidden)
			region->bytes[offset + i] = ((uint8_t *)data)[i];
	}
	if (op == FAKE_PWRITE && device->written)
		device->written(device, index, offset, (unsigned int)size);
	return (ssize_t)size;
}

static ssize_t fake_device_access(const struct kernel *k, enum fake_op op,
				  int fd, void *data, size_t size,
				  uint64_t offset)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, op, 0, fd);
	struct fake_fd *f = fake_fd_find(fake, fd);

	fake->log[n].offset = offset;
	fake->log[n].size = size;
	if (op == FAKE_PWRITE)
		note_data(&fake->log[n], data, size);
	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	if (!f || f->kind != FAKE_DEVICE)
		return fake_leave(fake, n, -EBADF);
	return fake_leave(
		fake, n,
		(int)fake_region_access(f->object, op, data, size, offset));
}

static ssize_t fake_pread(const struct kernel *k, int fd, void *data,
			  size_t size, uint64_t offset)
{
	return fake_device_access(k, FAKE_PREAD, fd, data, size, offset);
}

static ssize_t fake_pwrite(const struct kernel *k, int fd, const void *data,
			   size_t size, uint64_t offset)
{
	return fake_device_access(k, FAKE_PWRITE, fd, (void *)(uintptr_t)data,
				  size, offset);
}

/* Logs the parts of an ioctl's argument that tests inspect, before it is
 * changed. */
static void note_ioctl(struct fake_call *call, bool is_device,
		       const void *argument)
{
	const struct vfio_iommu_type1_dma_map *map = argument;
	const struct vfio_iommu_type1_dma_unmap *unmap = argument;
	const struct vfio_irq_set *set = argument;
	const struct uapi_ioas_map *to_map = argument;
	const struct uapi_ioas_unmap *to_unmap = argument;

	if (call->request == UAPI_IOAS_MAP ||
	    call->request == UAPI_IOAS_MAP_FILE) {
		call->offset = to_map->iova;
		call->size = to_map->length;
		note_data(call, to_map, sizeof(*to_map));
	} else if (call->request == UAPI_IOAS_UNMAP) {
		call->offset = to_unmap->iova;
		call->size = to_unmap->length;
		note_data(call, to_unmap, sizeof(*to_unmap));
	} else if (call->request == UAPI_DEVICE_BIND) {
		note_data(call, argument, *(const uint32_t *)argument);
	} else if (is_device && call->request != VFIO_DEVICE_SET_IRQS) {
		return; /* numbers mean other things to containers */
	} else if (call->request == VFIO_IOMMU_MAP_DMA) {
		call->offset = map->iova;
		call->size = map->size;
		note_data(call, map, sizeof(*map));
	} else if (call->request == VFIO_IOMMU_UNMAP_DMA) {
		call->offset = unmap->iova;
		call->size = unmap->size;
		note_data(call, unmap, sizeof(*unmap));
	} else if (call->request == VFIO_DEVICE_SET_IRQS) {
		call->offset = set->start;
		call->size = set->count;
		note_data(call, set, set->argsz);
	}
}

/* Ioctls that undo something do so even when they are made to fail, so that a
 * sweep can find leaks. */
static bool ioctl_undoes(unsigned long request, const void *argument)
{
	const struct vfio_irq_set *set = argument;

	return request == VFIO_IOMMU_UNMAP_DMA || request == UAPI_IOAS_UNMAP ||
	       request == UAPI_IOMMU_DESTROY || request == UAPI_DEVICE_DETACH ||
	       request == VFIO_GROUP_UNSET_CONTAINER ||
	       (request == VFIO_DEVICE_SET_IRQS && !set->count) ||
	       fake_kvm_undoes(request, argument);
}

static int fake_fstat(const struct kernel *k, int fd, struct stat *st)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_FSTAT, 0, fd);
	struct fake_fd *f = fake_fd_find(fake, fd);
	const struct fake_device *device;

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	if (!f || f->kind != FAKE_CDEV)
		return fake_leave(fake, n, kernel_real()->fstat(NULL, fd, st));
	device = f->object;
	memset(st, 0, sizeof(*st));
	st->st_mode = S_IFCHR | 0600;
	st->st_rdev = makedev(511, device->number + device->is_stale);
	return fake_leave(fake, n, 0);
}

static int fake_ioctl(const struct kernel *k, int fd, unsigned long request,
		      void *argument)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_IOCTL, request, fd);
	struct fake_fd *f = fake_fd_find(fake, fd);
	bool failing = fake_fails(fake);
	int result = -ENOTTY;

	if (argument)
		note_ioctl(&fake->log[n], f && f->kind == FAKE_DEVICE,
			   argument);
	if (failing && !ioctl_undoes(request, argument))
		return fake_leave(fake, n, -fake->fail_error);
	if (!f)
		result = -EBADF;
	else if (f->kind == FAKE_CONTAINER)
		result = fake_container_ioctl(fake, f->object, request,
					      argument);
	else if (f->kind == FAKE_GROUP)
		result = fake_group_ioctl(fake, f->object, request, argument);
	else if (f->kind == FAKE_DEVICE)
		result = fake_device_ioctl(fake, f->object, request, argument);
	else if (f->kind == FAKE_IOMMUFD)
		result = fake_iommufd_ioctl(fake, f->object, request, argument);
	else if (f->kind == FAKE_VM || f->kind == FAKE_VM_VFIO)
		result = fake_vm_ioctl(fake, request, argument);
	else if (f->kind == FAKE_FILE && request == VFIO_DEVICE_GET_INFO)
		result = fake->files_are_devices ? 0 : -ENOTTY;
	else if (f->kind == FAKE_CDEV && request == UAPI_DEVICE_BIND)
		result = fake_cdev_bind(fake, f, argument);
	return fake_leave(fake, n, failing ? -fake->fail_error : result);
}

/* MAP_FIXED goes over part of a mapping that is known already. */
static struct fake_vma *vma_of(struct fake_kernel *fake, const char *vaddr,
			       size_t size)
{
	for (int i = 0; i < FAKE_VMAS; i++) {
		struct fake_vma *vma = &fake->vmas[i];

		if (vma->vaddr && vaddr >= vma->vaddr &&
		    vaddr + size <= vma->vaddr + vma->size)
			return vma;
	}
	return NULL;
}

static int vma_add(struct fake_kernel *fake, void *vaddr, size_t size,
		   struct fake_device *device)
{
	struct fake_vma *vma = vma_of(fake, vaddr, size);

	for (int i = 0; !vma && i < FAKE_VMAS; i++)
		if (!fake->vmas[i].vaddr) {
			vma = &fake->vmas[i];
			vma->vaddr = vaddr;
			vma->size = size;
		}
	if (!vma)
		abort();
	vma->device = device;
	if (device)
		device->vmas++;
	return 0;
}

/* Finds the place in the backing file of a part of a device. */
static int map_device(struct fake_device *device, size_t size, uint64_t *offset,
		      int *fd)
{
	unsigned int index;
	uint64_t at = *offset;
	struct fake_region *region = fake_region_at(device, &at, &index);
	uint64_t room;

	if (!region || !(region->flags & VFIO_REGION_INFO_FLAG_MMAP))
		return -EINVAL;
	room = (region->size + 4095) / 4096 * 4096;
	if (at % 4096 || size > room - at)
		return -EINVAL;
	*fd = device->file;
	*offset = (uint64_t)index << 40 | at;
	return 0;
}

static int fake_map(const struct kernel *k, void *at, size_t size, int prot,
		    int flags, int fd, uint64_t offset, void **vaddr)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_MAP, 0, fd);
	struct fake_fd *f = fake_fd_find(fake, fd);
	struct fake_device *device = NULL;
	int err = 0;

	fake->log[n].offset = offset;
	fake->log[n].size = size;
	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	if ((flags & MAP_FIXED) && !vma_of(fake, at, size))
		fake_misuse(fake, "MAP_FIXED over memory that is not ours");
	if (f && f->kind == FAKE_DEVICE) {
		device = f->object;
		err = map_device(device, size, &offset, &fd);
	}
	if (!err)
		err = kernel_real()->map(NULL, at, size, prot, flags, fd,
					 offset, vaddr);
	if (!err)
		err = vma_add(fake, *vaddr, size, device);
	return fake_leave(fake, n, err);
}

static int fake_unmap(const struct kernel *k, void *vaddr, size_t size)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_UNMAP, 0, -1);
	struct fake_vma *vma = vma_of(fake, vaddr, size);

	fake->log[n].size = size;
	if (!vma || vma->vaddr != vaddr || vma->size != size) {
		fake_misuse(fake, "unmap of what was not mapped so");
		return fake_leave(fake, n, -EINVAL);
	}
	munmap(vaddr, size);
	if (vma->device)
		vma->device->vmas--;
	memset(vma, 0, sizeof(*vma));
	return fake_leave(fake, n, fake_fails(fake) ? -fake->fail_error : 0);
}

static int fake_advise(const struct kernel *k, void *vaddr, size_t size,
		       int advice)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n =
		fake_enter(fake, FAKE_ADVISE, (unsigned long)advice, -1);

	fake->log[n].size = size;
	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	return fake_leave(fake, n,
			  kernel_real()->advise(NULL, vaddr, size, advice));
}

void fake_calls_init(struct kernel *kernel)
{
	kernel->open = fake_kernel_open;
	kernel->close = fake_kernel_close;
	kernel->read = fake_kernel_read;
	kernel->write = fake_kernel_write;
	kernel->pread = fake_pread;
	kernel->pwrite = fake_pwrite;
	kernel->fstat = fake_fstat;
	kernel->ioctl = fake_ioctl;
	kernel->map = fake_map;
	kernel->unmap = fake_unmap;
	kernel->advise = fake_advise;
	fake_events_init(kernel);
	fake_sockets_init(kernel);
	fake_paths_init(kernel);
}
