// SPDX-License-Identifier: MIT
// Scripted containers and groups: what may be asked in which state, and what is
// pinned.

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/vfio.h>

#include "internal.h"

int fake_reply_give(struct fake_reply *reply, void *argument, const void *truth,
		    uint32_t base, uint32_t size)
{
	const char *bytes = reply->bytes ? reply->bytes : truth;
	uint32_t room;

	memcpy(&room, argument, sizeof(room));
	if (room < base)
		return -EINVAL;
	if (reply->bytes)
		size = reply->size;
	memcpy(argument, bytes, room < size ? room : size);
	if (reply->grows)
		size = room + 32;
	if (!reply->bytes || reply->grows)
		memcpy(argument, &size, sizeof(size));
	return 0;
}

int fake_container_open(struct fake_kernel *fake)
{
	for (int i = 0; i < FAKE_CONTAINERS; i++) {
		struct fake_container *c = &fake->containers[i];

		if (c->open_error)
			return -c->open_error;
		if (c->fd >= 0)
			continue;
		c->fd = fake_fd_add(fake, memfd_create("container", 0),
				    FAKE_CONTAINER, c);
		return c->fd;
	}
	return -ENFILE;
}

void fake_container_close(struct fake_kernel *fake, struct fake_container *c)
{
	if (c->groups)
		fake_misuse(fake, "container closed with a group in it");
	c->fd = -1;
	c->type = 0;
}

static int set_type(struct fake_container *c, unsigned long type)
{
	if (c->set_error)
		return -c->set_error;
	if (!c->groups || c->type)
		return -EINVAL;
	if (!(type == VFIO_TYPE1v2_IOMMU && c->has_v2) &&
	    !(type == VFIO_TYPE1_IOMMU && c->has_v1))
		return -ENODEV;
	c->type = (unsigned int)type;
	return 0;
}

static uint32_t put_ranges(const struct fake_container *c, char *at,
			   uint32_t offset)
{
	struct vfio_iommu_type1_info_cap_iova_range ranges = {
		.header = {VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 1, 0},
		.nr_iovas = c->range_count,
	};
	uint32_t size = sizeof(ranges) + c->range_count * 16;

	ranges.header.next = offset + size;
	memcpy(at + offset, &ranges, sizeof(ranges));
	memcpy(at + offset + sizeof(ranges), c->ranges, c->range_count * 16);
	return offset + size;
}

static int get_info(struct fake_container *c, void *argument)
{
	struct vfio_iommu_type1_info info = {
		.flags = VFIO_IOMMU_INFO_PGSIZES,
		.iova_pgsizes = c->pgsizes,
	};
	struct vfio_iommu_type1_info_dma_avail avail = {
		.header = {VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, 1, 0},
		.avail = c->dma_avail,
	};
	char truth[512] = {0};
	uint32_t size = sizeof(info);
	uint32_t room;

	memcpy(&room, argument, sizeof(room));
	if (c->has_info) {
		size = put_ranges(c, truth, size);
		memcpy(truth + size, &avail, sizeof(avail));
		size += sizeof(avail);
		info.flags |= VFIO_IOMMU_INFO_CAPS;
		info.cap_offset = room < size ? 0 : sizeof(info);
	}
	memcpy(truth, &info, sizeof(info));
	return fake_reply_give(
		&c->reply, argument, truth,
		offsetof(struct vfio_iommu_type1_info, cap_offset), size);
}

static int map_dma(struct fake_container *c,
		   const struct vfio_iommu_type1_dma_map *map)
{
	struct fake_mapping *m;

	if (c->map_error)
		return -c->map_error;
	if (map->argsz < sizeof(*map) || !map->size ||
	    !(map->flags &
	      (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)) ||
	    (map->iova | map->vaddr | map->size) % 4096 ||
	    map->iova + map->size - 1 < map->iova)
		return -EINVAL;
	for (unsigned int i = 0; i < c->mapping_count; i++) {
		m = &c->mappings[i];
		if (map->iova < m->iova + m->size &&
		    m->iova < map->iova + map->size)
			return -EEXIST;
	}
	if (c->mapping_count == FAKE_MAPPINGS)
		return -ENOSPC;
	m = &c->mappings[c->mapping_count++];
	m->iova = map->iova;
	m->size = map->size;
	m->vaddr = map->vaddr;
	m->flags = map->flags;
	return 0;
}

/* v2 unmaps whole mappings within the range, and none that it cuts. */
static int unmap_dma(struct fake_container *c,
		     struct vfio_iommu_type1_dma_unmap *unmap)
{
	uint64_t done = 0;

	for (unsigned int i = 0; i < c->mapping_count; i++) {
		struct fake_mapping *m = &c->mappings[i];

		if (m->iova < unmap->iova ||
		    m->iova + m->size > unmap->iova + unmap->size)
			continue;
		done += m->size;
		*m = c->mappings[--c->mapping_count];
		i--;
	}
	unmap->size = done - (c->short_unmap && done ? 4096 : 0);
	return 0;
}

int fake_container_ioctl(struct fake_kernel *fake, struct fake_container *c,
			 unsigned long request, void *argument)
{
	unsigned long value = (unsigned long)(uintptr_t)argument;

	(void)fake;
	switch (request) {
	case VFIO_GET_API_VERSION:
		return c->api_version;
	case VFIO_CHECK_EXTENSION:
		return (value == VFIO_TYPE1v2_IOMMU && c->has_v2) ||
		       (value == VFIO_TYPE1_IOMMU && c->has_v1);
	case VFIO_SET_IOMMU:
		return set_type(c, value);
	}
	if (!c->type)
		return -EINVAL;
	switch (request) {
	case VFIO_IOMMU_GET_INFO:
		return get_info(c, argument);
	case VFIO_IOMMU_MAP_DMA:
		return map_dma(c, argument);
	case VFIO_IOMMU_UNMAP_DMA:
		return unmap_dma(c, argument);
	}
	return -ENOTTY;
}

int fake_group_open(struct fake_kernel *fake, int number)
{
	for (int i = 0; i < FAKE_GROUPS; i++) {
		struct fake_group *group = &fake->groups[i];

		if (group->number != number)
			continue;
		if (group->open_error)
			return -group->open_error;
		if (group->fd >= 0)
			return -EBUSY;
		group->fd = fake_fd_add(fake, memfd_create("group", 0),
					FAKE_GROUP, group);
		return group->fd;
	}
	return -ENODEV;
}

void fake_group_leave(struct fake_group *group)
{
	struct fake_container *c = group->container;

	group->container = NULL;
	if (!c || --c->groups)
		return;
	c->type = 0;
	c->mapping_count = 0;
}

static bool group_has_open_device(const struct fake_kernel *fake,
				  const struct fake_group *group)
{
	for (unsigned int i = 0; i < fake->device_count; i++)
		if (fake->devices[i].group == group && fake->devices[i].fd >= 0)
			return true;
	return false;
}

void fake_group_close(struct fake_kernel *fake, struct fake_group *group)
{
	if (group_has_open_device(fake, group))
		fake_misuse(fake, "group %d closed before its device",
			    group->number);
	group->fd = -1;
	if (group->container && group->container->mapping_count &&
	    group->container->groups == 1)
		fake_misuse(fake, "group %d closed with memory mapped",
			    group->number);
	fake_group_leave(group);
}

static int set_container(struct fake_kernel *fake, struct fake_group *group,
			 int fd)
{
	struct fake_fd *f = fake_fd_find(fake, fd);

	if (!f || f->kind != FAKE_CONTAINER)
		return -EBADF;
	if (group->set_error)
		return -group->set_error;
	if (group->container || group->not_viable)
		return group->container ? -EINVAL : -EPERM;
	group->container = f->object;
	group->container->groups++;
	return 0;
}

static int get_device(struct fake_kernel *fake, struct fake_group *group,
		      const char *name)
{
	if (!group->container || !group->container->type)
		return -EINVAL;
	for (unsigned int i = 0; i < fake->device_count; i++) {
		struct fake_device *device = &fake->devices[i];

		if (device->group != group || strcmp(device->name, name))
			continue;
		if (device->get_error)
			return -device->get_error;
		return fake_device_open(fake, device);
	}
	return -ENODEV;
}

int fake_group_ioctl(struct fake_kernel *fake, struct fake_group *group,
		     unsigned long request, void *argument)
{
	struct vfio_group_status *status = argument;

	switch (request) {
	case VFIO_GROUP_GET_STATUS:
		status->flags = group->not_viable ? 0 : VFIO_GROUP_FLAGS_VIABLE;
		if (group->container)
			status->flags |= VFIO_GROUP_FLAGS_CONTAINER_SET;
		return 0;
	case VFIO_GROUP_SET_CONTAINER:
		return set_container(fake, group, *(int *)argument);
	case VFIO_GROUP_UNSET_CONTAINER:
		if (!group->container)
			return -EINVAL;
		if (group_has_open_device(fake, group)) {
			fake_misuse(fake, "group %d unset before its device",
				    group->number);
			return -EBUSY;
		}
		if (group->container->groups == 1 &&
		    group->container->mapping_count)
			fake_misuse(fake, "group %d unset with memory mapped",
				    group->number);
		fake_group_leave(group);
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		return get_device(fake, group, argument);
	}
	return -ENOTTY;
}
