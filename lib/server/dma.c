// SPDX-License-Identifier: MIT
// Maps a client's memory into this process, and lets the device reach it.

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/server/server.h"

#define MAPPINGS_MAX 65535u
/* Of libvfio-user: the server may map the memory, which it does anyway. */
#define DMA_MAP_MMAP 0x4u

typedef unsigned long long ull;

/* The first mapping that ends behind an address. */
static unsigned int mapping_after(const struct lend_server *server,
				  uint64_t iova)
{
	unsigned int low = 0, high = server->mapping_count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;
		const struct server_mapping *m = &server->mappings[middle];

		if (m->iova + (m->size - 1) < iova)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool mapping_overlaps(const struct lend_server *server, uint64_t iova,
			     uint64_t size)
{
	unsigned int at = mapping_after(server, iova);

	return at < server->mapping_count &&
	       server->mappings[at].iova <= iova + (size - 1);
}

static int mapping_reserve(struct lend_server *server)
{
	unsigned int room =
		server->mapping_room ? server->mapping_room * 2 : 32;
	struct server_mapping *larger;

	if (server->mapping_count < server->mapping_room)
		return 0;
	if (server->mapping_count == MAPPINGS_MAX)
		return -ENOSPC;
	larger = reallocarray(server->mappings, room, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	server->mappings = larger;
	server->mapping_room = room;
	return 0;
}

static void mapping_add(struct lend_server *server,
			const struct server_mapping *mapping)
{
	unsigned int at = mapping_after(server, mapping->iova);

	memmove(&server->mappings[at + 1], &server->mappings[at],
		(server->mapping_count - at) * sizeof(*mapping));
	server->mappings[at] = *mapping;
	server->mapping_count++;
}

static void mapping_remove(struct lend_server *server, unsigned int at)
{
	server->mapping_count--;
	memmove(&server->mappings[at], &server->mappings[at + 1],
		(server->mapping_count - at) * sizeof(server->mappings[0]));
}

static int dma_refuse(struct lend_server *server,
		      const struct user_dma_map *map, int err, const char *why)
{
	return server_refuse(server, err,
			     "DMA_MAP of 0x%llx bytes at IOVA 0x%llx, flags "
			     "0x%x, from offset 0x%llx: %s",
			     (ull)map->size, (ull)map->iova, map->flags,
			     (ull)map->offset, why);
}

static const char *dma_map_fault(const struct user_dma_map *map)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if (map->argsz < sizeof(*map))
		return "argsz is too small";
	if (map->flags &
		    ~(USER_DMA_MAP_READ | USER_DMA_MAP_WRITE | DMA_MAP_MMAP) ||
	    !(map->flags & (USER_DMA_MAP_READ | USER_DMA_MAP_WRITE)))
		return "its flags are unsupported";
	if (!map->size || map->iova + (map->size - 1) < map->iova ||
	    map->offset + map->size < map->offset || map->size > SIZE_MAX)
		return "the range is empty or wraps around";
	if ((map->size | map->iova | map->offset) & (page - 1))
		return "it is not aligned to pages";
	return NULL;
}

/* Other files are not for DMA: the kernel refuses to pin most of them, and an
 * access of some waits for whoever serves them. */
static const char *dma_file_fault(const struct kernel *kernel, int fd,
				  const struct user_dma_map *map)
{
	struct stat st;

	if (kernel->seals(kernel, fd) < 0)
		return "its descriptor is of no memory file: use a memfd, or a "
		       "file of tmpfs or hugetlbfs";
	if (kernel->fstat(kernel, fd, &st) || st.st_size < 0 ||
	    (uint64_t)st.st_size < map->offset + map->size)
		return "its file is smaller than that";
	return NULL;
}

static int dma_map_memory(struct lend_server *server,
			  const struct user_dma_map *map,
			  struct lend_server_dma *dma)
{
	const struct kernel *kernel = server->ctx->kernel;
	int prot = PROT_READ;
	const char *fault;
	int err;

	if (dma->fd < 0)
		return 0;
	fault = dma_file_fault(kernel, dma->fd, map);
	if (fault)
		return dma_refuse(server, map, EINVAL, fault);
	if (map->flags & USER_DMA_MAP_WRITE)
		prot |= PROT_WRITE;
	err = kernel->map(kernel, NULL, map->size, prot, MAP_SHARED, dma->fd,
			  map->offset, &dma->vaddr);
	return err ? dma_refuse(server, map, -err, strerror(-err)) : 0;
}

static void dma_unmap_memory(struct lend_server *server, void *vaddr,
			     uint64_t size)
{
	if (vaddr)
		server->ctx->kernel->unmap(server->ctx->kernel, vaddr, size);
}

static int dma_let_in(struct lend_server *server,
		      const struct user_dma_map *map,
		      struct lend_server_dma *dma)
{
	int err = server->ops.dma_map(server->opaque, dma);

	if (!err) {
		mapping_add(server, &(struct server_mapping){
					    .iova = dma->iova,
					    .size = dma->size,
					    .vaddr = dma->vaddr,
					    .flags = dma->flags,
				    });
		return 0;
	}
	dma_unmap_memory(server, dma->vaddr, dma->size);
	return dma_refuse(server, map, -err, strerror(-err));
}

int server_dma_map(struct lend_server *server, struct server_reply *reply)
{
	const struct channel *channel = &server->channel;
	struct lend_server_dma dma;
	struct user_dma_map map;
	const char *fault;
	int err;

	(void)reply;
	memcpy(&map, channel->payload, sizeof(map));
	fault = dma_map_fault(&map);
	if (fault)
		return dma_refuse(server, &map, EINVAL, fault);
	if (mapping_overlaps(server, map.iova, map.size))
		return dma_refuse(server, &map, EEXIST, "it overlaps another");
	err = mapping_reserve(server);
	if (err)
		return dma_refuse(server, &map, -err, strerror(-err));
	dma = (struct lend_server_dma){
		.iova = map.iova,
		.size = map.size,
		.offset = map.offset,
		.fd = channel->fd_count ? channel->fds[0] : -1,
		.flags = (map.flags & USER_DMA_MAP_READ ? LEND_DMA_READ : 0) |
			 (map.flags & USER_DMA_MAP_WRITE ? LEND_DMA_WRITE : 0),
	};
	err = dma_map_memory(server, &map, &dma);
	return err ? err : dma_let_in(server, &map, &dma);
}

/* The device must not reach what is unmapped: it goes first. */
static int dma_remove(struct lend_server *server, unsigned int at)
{
	const struct server_mapping mapping = server->mappings[at];
	const struct lend_server_dma dma = {
		.iova = mapping.iova,
		.size = mapping.size,
		.vaddr = mapping.vaddr,
		.fd = -1,
		.flags = mapping.flags,
	};
	int err = server->ops.dma_unmap(server->opaque, &dma);

	if (err)
		return err;
	dma_unmap_memory(server, mapping.vaddr, mapping.size);
	mapping_remove(server, at);
	return 0;
}

static int dma_remove_one(struct lend_server *server,
			  const struct user_dma_unmap *unmap)
{
	unsigned int at = mapping_after(server, unmap->iova);

	if (at == server->mapping_count ||
	    server->mappings[at].iova != unmap->iova ||
	    server->mappings[at].size != unmap->size)
		return -ENOENT;
	return dma_remove(server, at);
}

static int dma_remove_all(struct lend_server *server)
{
	int err = 0;

	while (!err && server->mapping_count)
		err = dma_remove(server, server->mapping_count - 1);
	return err;
}

int server_dma_unmap(struct lend_server *server, struct server_reply *reply)
{
	struct user_dma_unmap unmap;
	int err = -EINVAL;

	memcpy(&unmap, server->channel.payload, sizeof(unmap));
	if (unmap.argsz < sizeof(unmap))
		err = -EINVAL;
	else if (unmap.flags == USER_DMA_UNMAP_ALL && !unmap.iova &&
		 !unmap.size)
		err = dma_remove_all(server);
	else if (!unmap.flags && unmap.size)
		err = dma_remove_one(server, &unmap);
	if (err)
		return server_refuse(server, -err,
				     "DMA_UNMAP of 0x%llx bytes at IOVA "
				     "0x%llx, flags 0x%x: %s",
				     (ull)unmap.size, (ull)unmap.iova,
				     unmap.flags, strerror(-err));
	return server_reply_with(server, reply, &unmap, sizeof(unmap));
}

/* What the device may still reach stays pinned by the kernel. No other client
 * can be served then. */
void server_unmap_all(struct lend_server *server)
{
	while (server->mapping_count) {
		const struct server_mapping last =
			server->mappings[server->mapping_count - 1];

		if (!dma_remove(server, server->mapping_count - 1))
			continue;
		server->kept++;
		dma_unmap_memory(server, last.vaddr, last.size);
		mapping_remove(server, server->mapping_count - 1);
	}
}
