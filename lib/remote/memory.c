// SPDX-License-Identifier: MIT
// Memory that a server's device may access: by the file that it is mapped from,
// and by the server's requests, which are checked against the ledger.

#include <errno.h>
#include <string.h>

#include <lend/iommu.h>

#include "lib/remote/remote.h"

/* A server that pins memory needs some time for each page, and clears pages
 * that nobody has used: milliseconds, for 32 MiB in a second. */
#define PIN_SHIFT 15

struct remote_dma {
	uint64_t address;
	uint64_t count;
};

/* Adds it before the server knows of it, so that no request is too early. */
int remote_map(struct remote *remote, const struct mapping *mapping)
{
	const struct user_dma_map map = {
		.argsz = sizeof(map),
		.flags = (mapping->flags & LEND_DMA_READ ? USER_DMA_MAP_READ
							 : 0) |
			 (mapping->flags & LEND_DMA_WRITE ? USER_DMA_MAP_WRITE
							  : 0),
		.offset = mapping->file >= 0 ? mapping->offset : 0,
		.iova = mapping->iova,
		.size = mapping->size,
	};
	bool by_file = mapping->file >= 0 && remote->fds_max;
	const struct remote_call call = {
		.command = USER_DMA_MAP,
		.head = &map,
		.head_size = sizeof(map),
		.fds = &mapping->file,
		.fd_count = by_file,
		.more = (unsigned int)(mapping->size >> PIN_SHIFT),
	};
	int err;

	pthread_mutex_lock(&remote->lock);
	err = ledger_reserve(&remote->memory);
	if (!err) {
		ledger_add(&remote->memory, mapping);
		err = remote_call(remote, &call);
		if (err)
			ledger_remove(&remote->memory, mapping->iova);
	}
	remote_unlock(remote);
	return err;
}

/* A lost server has no use for a message; what it has mapped of a file, it
 * keeps until it unmaps it or ends. */
static int remote_unmap_one(struct remote *remote,
			    const struct mapping *mapping)
{
	const struct user_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = mapping->iova,
		.size = mapping->size,
	};
	const struct remote_call call = {
		.command = USER_DMA_UNMAP,
		.head = &unmap,
		.head_size = sizeof(unmap),
	};
	int err = remote_call(remote, &call);

	return remote->death ? 0 : err;
}

int remote_unmap(struct remote *remote, uint64_t iova, uint64_t range,
		 uint64_t *size)
{
	const struct mapping *last;
	int err = 0;

	pthread_mutex_lock(&remote->lock);
	while ((last = ledger_overlap_last(&remote->memory, iova, range))) {
		err = remote_unmap_one(remote, last);
		if (err)
			break;
		*size += last->size;
		ledger_remove(&remote->memory, last->iova);
	}
	remote_unlock(remote);
	return err;
}

/* The memory at an address, as far as it goes; NULL where the device may not
 * reach. */
static uint8_t *remote_find(const struct remote *remote, uint64_t address,
			    unsigned int flag, uint64_t *room)
{
	const struct mapping *m = ledger_overlap(&remote->memory, address, 1);

	if (!m || !(m->flags & flag) || !m->vaddr)
		return NULL;
	*room = m->size - (address - m->iova);
	return (uint8_t *)m->vaddr + (address - m->iova);
}

/* Whether all of a range can be reached: nothing is copied in part. */
static bool remote_reaches(const struct remote *remote,
			   const struct remote_dma *dma, unsigned int flag)
{
	uint64_t room = 0;

	for (uint64_t done = 0; done < dma->count; done += room)
		if (!remote_find(remote, dma->address + done, flag, &room))
			return false;
	return true;
}

static void remote_copy(const struct remote *remote,
			const struct remote_dma *dma, uint8_t *data,
			bool is_write)
{
	unsigned int flag = is_write ? LEND_DMA_WRITE : LEND_DMA_READ;
	uint64_t room = 0;

	for (uint64_t done = 0; done < dma->count; done += room) {
		uint8_t *at =
			remote_find(remote, dma->address + done, flag, &room);

		if (room > dma->count - done)
			room = dma->count - done;
		if (is_write)
			memcpy(at, data + done, room);
		else
			memcpy(data + done, at, room);
	}
}

/* Carries out a request. Returns the bytes of the reply in channel_room(), or
 * -errno for the server. */
static ssize_t remote_do_dma(struct remote *remote, bool is_write)
{
	struct channel *channel = &remote->channel;
	struct remote_dma dma;
	size_t data;
	uint8_t *room;

	if (channel->size < sizeof(dma))
		return -EINVAL;
	memcpy(&dma, channel->payload, sizeof(dma));
	data = channel->size - sizeof(dma);
	if (!dma.count || dma.count > USER_DATA_MAX ||
	    dma.address + (dma.count - 1) < dma.address ||
	    data != (is_write ? dma.count : 0))
		return -EINVAL;
	if (!remote_reaches(remote, &dma,
			    is_write ? LEND_DMA_WRITE : LEND_DMA_READ))
		return -EFAULT;
	data = is_write ? 0 : dma.count;
	room = channel_room(channel, sizeof(dma) + data);
	if (!room)
		return -ENOMEM;
	memcpy(room, &dma, sizeof(dma));
	remote_copy(remote, &dma,
		    is_write ? channel->payload + sizeof(dma)
			     : room + sizeof(dma),
		    is_write);
	return (ssize_t)(sizeof(dma) + data);
}

int remote_answer(struct remote *remote)
{
	const struct user_header *asked = &remote->channel.header;
	struct user_header answer = {
		.id = asked->id,
		.command = asked->command,
		.flags = USER_REPLY,
	};
	ssize_t size = -ENOTSUP;

	if (asked->command == USER_DMA_READ || asked->command == USER_DMA_WRITE)
		size = remote_do_dma(remote, asked->command == USER_DMA_WRITE);
	if (asked->flags & USER_NO_REPLY)
		return 0;
	if (size < 0) {
		answer.flags |= USER_ERROR;
		answer.err = (uint32_t)-size;
		size = 0;
	}
	return channel_send(&remote->channel, &answer, (size_t)size, -1);
}
