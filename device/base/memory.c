// SPDX-License-Identifier: MIT
// Finds a client's memory by the addresses that a device uses, and copies it.

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lend/server.h>

#include "device/base/memory.h"

/* The compiler's zeroes would be 4 KiB for each copy of a few bytes. */
#if __has_attribute(uninitialized)
#define UNSET __attribute__((uninitialized))
#else
#define UNSET
#endif

void memory_init(struct memory *memory)
{
	*memory = (struct memory){.self = getpid()};
}

void memory_free(struct memory *memory)
{
	free(memory->pieces);
	memory->pieces = NULL;
	memory->count = memory->room = 0;
}

/* The first piece that ends behind an address. */
static unsigned int memory_after(const struct memory *memory, uint64_t address)
{
	unsigned int low = 0, high = memory->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;
		const struct memory_piece *piece = &memory->pieces[middle];

		if (piece->iova + (piece->size - 1) < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int memory_grow(struct memory *memory)
{
	unsigned int room = memory->room ? memory->room * 2 : 16;
	struct memory_piece *larger;

	if (memory->count < memory->room)
		return 0;
	larger = reallocarray(memory->pieces, room, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	memory->pieces = larger;
	memory->room = room;
	return 0;
}

int memory_add(struct memory *memory, const struct lend_server_dma *dma)
{
	struct memory_piece *piece;
	unsigned int at;
	int err;

	if (!dma->vaddr)
		return 0;
	err = memory_grow(memory);
	if (err)
		return err;
	at = memory_after(memory, dma->iova);
	piece = &memory->pieces[at];
	memmove(piece + 1, piece, (memory->count - at) * sizeof(*piece));
	*piece = (struct memory_piece){
		.iova = dma->iova,
		.size = dma->size,
		.vaddr = dma->vaddr,
		.flags = dma->flags,
	};
	memory->count++;
	return 0;
}

void memory_remove(struct memory *memory, uint64_t iova)
{
	unsigned int at = memory_after(memory, iova);
	struct memory_piece *piece;

	if (at == memory->count || memory->pieces[at].iova != iova)
		return;
	piece = &memory->pieces[at];
	memory->count--;
	memmove(piece, piece + 1, (memory->count - at) * sizeof(*piece));
}

/* One part, or none if it continues the last one. */
static int memory_add_part(struct memory_parts *parts, uint8_t *at, size_t size)
{
	struct iovec *last = parts->part + parts->count;

	if (parts->count &&
	    (uint8_t *)last[-1].iov_base + last[-1].iov_len == at) {
		last[-1].iov_len += size;
		return 0;
	}
	if (parts->count == MEMORY_PARTS)
		return -E2BIG;
	*last = (struct iovec){at, size};
	parts->count++;
	return 0;
}

int memory_find(const struct memory *memory, uint64_t address, uint64_t size,
		unsigned int flag, struct memory_parts *parts)
{
	if (address + size < address)
		return -EFAULT;
	for (unsigned int i = memory_after(memory, address); size; i++) {
		const struct memory_piece *piece;
		uint64_t at, length;
		int err;

		if (i == memory->count)
			return -EFAULT;
		piece = &memory->pieces[i];
		if (piece->iova > address || !(piece->flags & flag))
			return -EFAULT;
		at = address - piece->iova;
		length = piece->size - at < size ? piece->size - at : size;
		err = memory_add_part(parts, piece->vaddr + at, length);
		if (err)
			return err;
		address += length;
		size -= length;
	}
	return 0;
}

int memory_scatter(const struct memory *memory,
		   const struct memory_parts *parts, const void *data,
		   size_t size)
{
	const struct iovec local = {(void *)(uintptr_t)data, size};
	ssize_t n = process_vm_writev(memory->self, &local, 1, parts->part,
				      parts->count, 0);

	return n == (ssize_t)size ? 0 : -EFAULT;
}

int memory_gather(const struct memory *memory, const struct memory_parts *parts,
		  void *data, size_t size)
{
	const struct iovec local = {data, size};
	ssize_t n = process_vm_readv(memory->self, &local, 1, parts->part,
				     parts->count, 0);

	return n == (ssize_t)size ? 0 : -EFAULT;
}

int memory_copy_in(const struct memory *memory, uint64_t address, void *data,
		   size_t size)
{
	struct memory_parts parts UNSET;
	int err;

	parts.count = 0;
	err = memory_find(memory, address, size, LEND_DMA_READ, &parts);
	return err ? err : memory_gather(memory, &parts, data, size);
}

int memory_copy_out(const struct memory *memory, uint64_t address,
		    const void *data, size_t size)
{
	struct memory_parts parts UNSET;
	int err;

	parts.count = 0;
	err = memory_find(memory, address, size, LEND_DMA_WRITE, &parts);
	return err ? err : memory_scatter(memory, &parts, data, size);
}

/*
 * x86 makes the stores of one copy visible before those of the next. Elsewhere
 * the kernel's copies have no order of their own.
 */
static int memory_scatter_in_order(const struct memory *memory,
				   struct memory_parts *first,
				   const struct memory_parts *last,
				   const void *data, size_t size, size_t flag)
{
#if defined(__x86_64__)
	(void)flag;
	if (first->count + last->count > MEMORY_PARTS)
		return -E2BIG;
	memcpy(first->part + first->count, last->part,
	       last->count * sizeof(last->part[0]));
	first->count += last->count;
	return memory_scatter(memory, first, data, size);
#else
	int err = memory_scatter(memory, first, data, size - flag);

	atomic_thread_fence(memory_order_release);
	return err ? err
		   : memory_scatter(memory, last,
				    (const char *)data + size - flag, flag);
#endif
}

int memory_post(const struct memory *memory, uint64_t address, const void *data,
		size_t size, size_t flag)
{
	struct memory_parts first UNSET, last UNSET;
	int err;

	first.count = last.count = 0;
	err = memory_find(memory, address, size - flag, LEND_DMA_WRITE, &first);
	if (!err)
		err = memory_find(memory, address + size - flag, flag,
				  LEND_DMA_WRITE, &last);
	return err ? err
		   : memory_scatter_in_order(memory, &first, &last, data, size,
					     flag);
}
