// SPDX-License-Identifier: MIT
// Scripted containers and groups: what may be asked in which state, and what is
// pinned.

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/vfio.h>

#include "fake/internal.h"

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

static int container_set_type(struct fake_container *c, unsigned long type)
{
	if (c->set_error)
		return -c->set_error;
	if (!c->groups || c->type)
		return -EINVAL;
	if (!(type == VFIO_TYPE1v2_IOMMU && c->has_v2) &&
	    !(type == VFIO_TYPE1_IOMMU && c->has_v1) &&
	    !(type == VFIO_NOIOMMU_IOMMU && c->has_noiommu))
		return -ENODEV;
	c->type = (unsigned int)type;
	return 0;
}

static uint32_t container_put_ranges(const struct fake_container *c, char *at,
				     uint32_t offset)
{
	struct vfio_iommu_type1_info_cap_iova_range ranges = {
		.header = {VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, 1, 0},
		.nr_iovas = c->space.range_count,
	};
	uint32_t size = sizeof(ranges) + c->space.range_count * 16;

	ranges.header.next = offset + size;
	memcpy(at + offset, &ranges, sizeof(ranges));
	memcpy(at + offset + sizeof(ranges), c->space.ranges,
	       c->space.range_count * 16);
	return offset + size;
}

static int container_get_info(struct fake_container *c, void *argument)
{
	struct vfio_iommu_type1_info info = {
		.flags = VFIO_IOMMU_INFO_PGSIZES,
		.iova_pgsizes = c->space.pgsizes,
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
		size = container_put_ranges(c, truth, size);
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

static int container_map_dma(struct fake_container *c,
			     const struct vfio_iommu_type1_dma_map *map)
{
	if (map->argsz < sizeof(*map) ||
	    !(map->flags & (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)))
		return -EINVAL;
	return fake_space_map(&c->space, map->iova, map->vaddr, map->size,
			      map->flags);
}

static int container_unmap_dma(struct fake_container *c,
			       struct vfio_iommu_type1_dma_unmap *unmap)
{
	uint64_t last = unmap->iova + (unmap->size - 1);

	if (unmap->flags & ~(uint32_t)VFIO_DMA_UNMAP_FLAG_ALL)
		return -EINVAL;
	if (unmap->flags) {
		if (!c->has_unmap_all || unmap->iova || unmap->size)
			return -EINVAL;
		last = UINT64_MAX;
	} else if (!unmap->size || last < unmap->iova) {
		return -EINVAL;
	}
	unmap->size = fake_space_unmap(&c->space, unmap->iova, last);
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
		       (value == VFIO_TYPE1_IOMMU && c->has_v1) ||
		       (value == VFIO_NOIOMMU_IOMMU && c->has_noiommu) ||
		       (value == VFIO_UNMAP_ALL && c->has_unmap_all);
	case VFIO_SET_IOMMU:
		return container_set_type(c, value);
	}
	if (!c->type)
		return -EINVAL;
	switch (request) {
	case VFIO_IOMMU_GET_INFO:
		return container_get_info(c, argument);
	case VFIO_IOMMU_MAP_DMA:
		return container_map_dma(c, argument);
	case VFIO_IOMMU_UNMAP_DMA:
		return container_unmap_dma(c, argument);
	}
	return -ENOTTY;
}

static bool group_has_bound_device(const struct fake_kernel *fake,
				   const struct fake_group *group)
{
	for (unsigned int i = 0; i < fake->device_count; i++)
		if (fake->devices[i].group == group && fake->devices[i].bound)
			return true;
	return false;
}

int fake_group_open(struct fake_kernel *fake, int number)
{
	for (int i = 0; i < FAKE_GROUPS; i++) {
		struct fake_group *group = &fake->groups[i];

		if (group->number != number)
			continue;
		if (group->open_error)
			return -group->open_error;
		if (group->fd >= 0 || group_has_bound_device(fake, group))
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
	c->space.mapping_count = 0;
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
	if (group->container && group->container->space.mapping_count &&
	    group->container->groups == 1)
		fake_misuse(fake, "group %d closed with memory mapped",
			    group->number);
	fake_group_leave(group);
}

static int group_join_container(struct fake_kernel *fake,
				struct fake_group *group, int fd)
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

/* As vfio-pci compares what follows the name. */
static int group_check_token(const struct fake_device *device,
			     const char *given)
{
	if (!strncmp(given, " vf_token=", 10))
		given += 10;
	else if (*given)
		return -EINVAL;
	if (!device->token)
		return *given ? -EINVAL : 0;
	return strcmp(given, device->token) ? -EACCES : 0;
}

static int group_fd_of_device(struct fake_kernel *fake,
			      struct fake_group *group, const char *name)
{
	size_t length = strcspn(name, " ");
	int err;

	if (!group->container || !group->container->type)
		return -EINVAL;
	for (unsigned int i = 0; i < fake->device_count; i++) {
		struct fake_device *device = &fake->devices[i];

		if (device->group != group || strlen(device->name) != length ||
		    strncmp(device->name, name, length))
			continue;
		err = group_check_token(device, name + length);
		if (device->get_error)
			err = -device->get_error;
		if (err)
			return err;
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
		return group_join_container(fake, group, *(int *)argument);
	case VFIO_GROUP_UNSET_CONTAINER:
		if (!group->container)
			return -EINVAL;
		if (group_has_open_device(fake, group)) {
			fake_misuse(fake, "group %d unset before its device",
				    group->number);
			return -EBUSY;
		}
		if (group->container->groups == 1 &&
		    group->container->space.mapping_count)
			fake_misuse(fake, "group %d unset with memory mapped",
				    group->number);
		fake_group_leave(group);
		return 0;
	case VFIO_GROUP_GET_DEVICE_FD:
		return group_fd_of_device(fake, group, argument);
	}
	return -ENOTTY;
}
