// SPDX-License-Identifier: MIT
// Maps regions into this process, aligned so that the kernel can use large
// pages.

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/base/context.h"
#include "lib/device/device.h"
#include "lib/device/reach.h"

#define GIB (1ull << 30)

/* The smallest large page. */
#define LARGE (2ull << 20)

/* The largest page size that fits into @size bytes. */
static uint64_t page_within(uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	while (page < GIB && 2 * page <= size)
		page *= 2;
	return page;
}

bool device_can_map(const struct lend_device *device, unsigned int index,
		    uint64_t offset, uint64_t size)
{
	const struct lend_region region = device_region_now(device, index);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (!size || offset % page)
		return false;
	for (unsigned int i = 0; i < region.area_count; i++) {
		const struct lend_area *area = &region.areas[i];

		if (offset >= area->offset &&
		    offset - area->offset <= area->size &&
		    size <= area->size - (offset - area->offset))
			return true;
	}
	return false;
}

/* Reserves more address space than needed, to find an address that is congruent
 * with @offset modulo the page size. The surplus costs nothing. If no large
 * page fits, the kernel chooses an address. */
static int map_reserve(const struct kernel *k, uint64_t offset, uint64_t size,
		       struct region_map *map)
{
	uint64_t align = page_within(size);
	uint64_t start;
	void *reserved;
	int err;

	map->size = size;
	if (size < LARGE)
		return 0;
	if (size > SIZE_MAX - align)
		return -ENOMEM;
	err = k->map(k, NULL, size + align, PROT_NONE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0,
		     &reserved);
	if (err)
		return err;
	map->reserved = reserved;
	map->reserved_size = size + align;
	start = (uintptr_t)reserved;
	map->vaddr = (char *)reserved + ((offset - start) & (align - 1));
	return 0;
}

static int map_over(struct lend_device *device, unsigned int index,
		    uint64_t offset, struct region_map *map)
{
	const struct region *region = &device->regions[index];
	const struct kernel *k = device->ctx->kernel;
	int flags = MAP_SHARED | (map->reserved ? MAP_FIXED : 0);
	int prot = 0;
	int err;

	if (region->public.flags & LEND_REGION_READ)
		prot |= PROT_READ;
	if (region->public.flags & LEND_REGION_WRITE)
		prot |= PROT_WRITE;
	err = k->map(k, map->vaddr, map->size, prot, flags,
		     reach_file(device, index), region->offset + offset,
		     &map->vaddr);
	if (err)
		return err;
	if (!map->reserved) {
		map->reserved = map->vaddr;
		map->reserved_size = map->size;
	}
	/* A child process would keep the device's memory mapped. */
	return k->advise(k, map->vaddr, map->size, MADV_DONTFORK);
}

int lend_region_map(struct lend_device *device, unsigned int index,
		    uint64_t offset, uint64_t size, void **vaddr)
{
	const struct kernel *k = device->ctx->kernel;
	const char *name = lend_device_name(device);
	struct region_map *map;
	int err;

	if (!device_can_map(device, index, offset, size))
		return lend_error_set(device->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      name,
				      "0x%llx bytes at offset 0x%llx of region "
				      "%u cannot be mapped",
				      (unsigned long long)size,
				      (unsigned long long)offset, index);
	map = calloc(1, sizeof(*map));
	if (!map)
		return error_no_memory(device->ctx, name);
	err = map_reserve(k, offset, size, map);
	if (!err)
		err = map_over(device, index, offset, map);
	if (err) {
		if (map->reserved)
			k->unmap(k, map->reserved, map->reserved_size);
		free(map);
		return error_system(device->ctx, -err, name, "map region %u",
				    index);
	}
	pthread_mutex_lock(&device->lock);
	map->next = device->maps;
	device->maps = map;
	pthread_mutex_unlock(&device->lock);
	*vaddr = map->vaddr;
	return 0;
}

static void map_free(struct lend_device *device, struct region_map *map)
{
	const struct kernel *k = device->ctx->kernel;

	k->unmap(k, map->reserved, map->reserved_size);
	free(map);
}

void lend_region_unmap(struct lend_device *device, void *vaddr, uint64_t size)
{
	struct region_map **link = &device->maps;
	struct region_map *map;

	pthread_mutex_lock(&device->lock);
	while (*link && ((*link)->vaddr != vaddr || (*link)->size != size))
		link = &(*link)->next;
	map = *link;
	if (map)
		*link = map->next;
	pthread_mutex_unlock(&device->lock);
	if (map)
		map_free(device, map);
}

void device_unmap_regions(struct lend_device *device)
{
	while (device->maps) {
		struct region_map *map = device->maps;

		device->maps = map->next;
		map_free(device, map);
	}
}
