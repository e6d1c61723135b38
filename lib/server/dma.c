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

static int mapping_reserve(struct lend_server *server)
{
	return server->mappings.count == MAPPINGS_MAX
		       ? -ENOSPC
		       : ledger_reserve(&server->mappings);
}

/* The last mapping, NULL if there is none. */
static const struct mapping *mapping_last_one(const struct lend_server *server)
{
	return ledger_overlap_last(&server->mappings, 0, UINT64_MAX);
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
		ledger_add(&server->mappings, &(struct mapping){
						      .iova = dma->iova,
						      .size = dma->size,
						      .vaddr = dma->vaddr,
						      .flags = dma->flags,
						      .file = -1,
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
	if (ledger_overlap(&server->mappings, map.iova, map.size))
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
static int dma_remove(struct lend_server *server, const struct mapping *mapping)
{
	const struct lend_server_dma dma = {
		.iova = mapping->iova,
		.size = mapping->size,
		.vaddr = mapping->vaddr,
		.fd = -1,
		.flags = mapping->flags,
	};
	int err = server->ops.dma_unmap(server->opaque, &dma);

	if (err)
		return err;
	dma_unmap_memory(server, dma.vaddr, dma.size);
	ledger_remove(&server->mappings, dma.iova);
	return 0;
}

static int dma_remove_one(struct lend_server *server,
			  const struct user_dma_unmap *unmap)
{
	const struct mapping *mapping =
		unmap->iova + (unmap->size - 1) < unmap->iova
			? NULL
			: ledger_find(&server->mappings, unmap->iova,
				      unmap->size);

	return mapping ? dma_remove(server, mapping) : -ENOENT;
}

static int dma_remove_all(struct lend_server *server)
{
	const struct mapping *last;
	int err = 0;

	while (!err && (last = mapping_last_one(server)))
		err = dma_remove(server, last);
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
	const struct mapping *last;

	while ((last = mapping_last_one(server))) {
		const struct mapping mapping = *last;

		if (!dma_remove(server, &mapping))
			continue;
		server->kept++;
		dma_unmap_memory(server, mapping.vaddr, mapping.size);
		ledger_remove(&server->mappings, mapping.iova);
	}
}
