// SPDX-License-Identifier: MIT
// Finds a command's data by its PRP entries. Source: 4.3 of the specification.

#include <errno.h>

#include "device/nvme/controller.h"

#define OFFSET_MASK (NVME_PAGE - 1)
#define LIST_MAX    (NVME_PAGE / sizeof(uint64_t))

/* Lists that continue in one another have a page each but the first. */
struct prp_walk {
	const struct nvme *nvme;
	struct memory_parts *parts;
	unsigned int flag;
	uint32_t left; /* bytes without an entry so far */
};

static uint16_t prp_add(struct prp_walk *walk, uint64_t address, uint32_t room)
{
	uint32_t size = walk->left < room ? walk->left : room;

	if (memory_find(&walk->nvme->memory, address, size, walk->flag,
			walk->parts))
		return NVME_DATA_TRANSFER | NVME_NO_RETRY;
	walk->left -= size;
	return NVME_OK;
}

static uint16_t prp_add_page(struct prp_walk *walk, uint64_t address)
{
	return address & OFFSET_MASK ? NVME_PRP_OFFSET | NVME_NO_RETRY
				     : prp_add(walk, address, NVME_PAGE);
}

/* Adds what one list has. @next is that of the next one, if bytes are left. */
static uint16_t prp_add_list(struct prp_walk *walk, uint64_t list,
			     uint64_t *next)
{
	uint32_t room = (uint32_t)(NVME_PAGE - (list & OFFSET_MASK)) / 8;
	uint32_t pages = (walk->left + NVME_PAGE - 1) / NVME_PAGE;
	uint32_t count = pages < room ? pages : room;
	uint64_t entries[LIST_MAX];
	uint16_t status = NVME_OK;

	if (list & 7)
		return NVME_PRP_OFFSET | NVME_NO_RETRY;
	if (memory_copy_in(&walk->nvme->memory, list, entries, count * 8))
		return NVME_DATA_TRANSFER | NVME_NO_RETRY;
	if (pages > room)
		*next = entries[--count];
	for (uint32_t i = 0; !status && i < count; i++)
		status = prp_add_page(walk, entries[i]);
	return status;
}

static uint16_t prp_add_lists(struct prp_walk *walk, uint64_t list)
{
	uint16_t status = NVME_OK;

	while (!status && walk->left) {
		uint64_t next = 0;

		status = prp_add_list(walk, list, &next);
		/* A whole page of entries: the walk comes to an end. */
		if (!status && walk->left && next & OFFSET_MASK)
			status = NVME_PRP_OFFSET | NVME_NO_RETRY;
		list = next;
	}
	return status;
}

uint16_t nvme_prp_find(const struct nvme *nvme, struct nvme_request *request,
		       uint32_t size, unsigned int flag)
{
	const struct nvme_command *command = &request->command;
	struct prp_walk walk = {nvme, &request->parts, flag, size};
	uint16_t status;

	if (command->prp1 & 3)
		return NVME_PRP_OFFSET | NVME_NO_RETRY;
	status = prp_add(&walk, command->prp1,
			 (uint32_t)(NVME_PAGE - (command->prp1 & OFFSET_MASK)));
	if (status || !walk.left)
		return status;
	return walk.left <= NVME_PAGE ? prp_add_page(&walk, command->prp2)
				      : prp_add_lists(&walk, command->prp2);
}

uint16_t nvme_prp_write(const struct nvme *nvme, struct nvme_request *request,
			const void *data, uint32_t size)
{
	uint16_t status = nvme_prp_find(nvme, request, size, LEND_DMA_WRITE);

	if (!status &&
	    memory_scatter(&nvme->memory, &request->parts, data, size))
		status = NVME_DATA_TRANSFER | NVME_NO_RETRY;
	return status;
}

uint16_t nvme_prp_read(const struct nvme *nvme, struct nvme_request *request,
		       void *data, uint32_t size)
{
	uint16_t status = nvme_prp_find(nvme, request, size, LEND_DMA_READ);

	if (!status &&
	    memory_gather(&nvme->memory, &request->parts, data, size))
		status = NVME_DATA_TRANSFER | NVME_NO_RETRY;
	return status;
}
