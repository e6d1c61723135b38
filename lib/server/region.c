// SPDX-License-Identifier: MIT
// Describes a device's regions to a client, and lets it access them.

#include <errno.h>
#include <string.h>

#include <linux/vfio.h>

#include "lib/server/server.h"

/* As linux/vfio.h lays out the capability of areas that can be mapped. */
struct server_area_list {
	struct vfio_info_cap_header header;
	uint32_t count;
	uint32_t reserved;
};

_Static_assert(sizeof(struct server_area_list) == 16, "as the kernel's");
_Static_assert(sizeof(struct lend_area) == 16, "as the kernel's");

static uint32_t server_region_flags(const struct lend_server_region *region)
{
	return (region->flags & LEND_REGION_READ ? VFIO_REGION_INFO_FLAG_READ
						 : 0) |
	       (region->flags & LEND_REGION_WRITE ? VFIO_REGION_INFO_FLAG_WRITE
						  : 0) |
	       (region->flags & LEND_REGION_MMAP ? VFIO_REGION_INFO_FLAG_MMAP
						 : 0);
}

static int server_reply_region(struct lend_server *server,
			       struct server_reply *reply,
			       const struct lend_server_region *region,
			       struct user_region_info *info, uint32_t room)
{
	const struct server_area_list list = {
		.header = {VFIO_REGION_INFO_CAP_SPARSE_MMAP, 1, 0},
		.count = region->area_count,
	};
	size_t areas = region->area_count * sizeof(region->areas[0]);
	bool has_areas = region->flags & LEND_REGION_MMAP && areas;
	uint8_t *payload;

	info->argsz = sizeof(*info);
	if (has_areas)
		info->argsz += sizeof(list) + (uint32_t)areas;
	/* The client asks again with the room that it then knows of. */
	if (!has_areas || room < info->argsz)
		return server_reply_with(server, reply, info, sizeof(*info));
	info->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	info->cap_offset = sizeof(*info);
	payload = channel_room(&server->channel, info->argsz);
	if (!payload)
		return -ENOMEM;
	memcpy(payload, info, sizeof(*info));
	memcpy(payload + sizeof(*info), &list, sizeof(list));
	memcpy(payload + sizeof(*info) + sizeof(list), region->areas, areas);
	reply->size = info->argsz;
	return 0;
}

int server_region_info(struct lend_server *server, struct server_reply *reply)
{
	const struct lend_server_region *region;
	struct user_region_info info;
	uint32_t room;

	memcpy(&info, server->channel.payload, sizeof(info));
	if (info.argsz < sizeof(info) || info.index >= server->region_count)
		return server_refuse(server, EINVAL,
				     "DEVICE_GET_REGION_INFO: argsz %u, "
				     "region %u",
				     info.argsz, info.index);
	region = &server->regions[info.index];
	room = info.argsz;
	info = (struct user_region_info){
		.index = info.index,
		.flags = server_region_flags(region),
		.size = region->size,
		.offset = region->offset,
	};
	if (region->flags & LEND_REGION_MMAP)
		reply->fd = region->fd;
	return server_reply_region(server, reply, region, &info, room);
}

/* Reads a message's head, and checks that the access is within a region that
 * allows it. */
static int server_read_access(struct lend_server *server, const char *name,
			      uint32_t flag, struct user_region_access *access)
{
	const struct lend_server_region *region;

	memcpy(access, server->channel.payload, sizeof(*access));
	region = access->region < server->region_count
			 ? &server->regions[access->region]
			 : NULL;
	if (region && region->flags & flag && access->count &&
	    access->count <= server->data_max &&
	    access->count <= region->size &&
	    access->offset <= region->size - access->count)
		return 0;
	return server_refuse(server, EINVAL,
			     "%s: region %u, offset 0x%llx, %u bytes", name,
			     access->region, (unsigned long long)access->offset,
			     access->count);
}

int server_region_read(struct lend_server *server, struct server_reply *reply)
{
	struct user_region_access access;
	uint8_t *payload;
	int err = server_read_access(server, "REGION_READ", LEND_REGION_READ,
				     &access);

	if (err)
		return err;
	payload = channel_room(&server->channel, sizeof(access) + access.count);
	if (!payload)
		return -ENOMEM;
	memcpy(payload, &access, sizeof(access));
	reply->size = sizeof(access) + access.count;
	return server->ops.region_read(server->opaque, access.region,
				       access.offset, payload + sizeof(access),
				       access.count);
}

int server_region_write(struct lend_server *server, struct server_reply *reply)
{
	const struct channel *channel = &server->channel;
	struct user_region_access access;
	int err = server_read_access(server, "REGION_WRITE", LEND_REGION_WRITE,
				     &access);

	if (err)
		return err;
	if (channel->size - sizeof(access) != access.count)
		return server_refuse(server, EINVAL,
				     "REGION_WRITE has %zu bytes of data, and "
				     "not %u",
				     channel->size - sizeof(access),
				     access.count);
	err = server->ops.region_write(
		server->opaque, access.region, access.offset,
		channel->payload + sizeof(access), access.count);
	return err ? err
		   : server_reply_with(server, reply, &access, sizeof(access));
}
