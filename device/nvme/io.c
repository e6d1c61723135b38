// SPDX-License-Identifier: MIT
// The NVM command set: reads and writes go between the image and the client's
// memory, without a copy here.

#include <errno.h>

#include "device/nvme/controller.h"

#define ALL_NAMESPACES   0xffffffffu
#define FORCE_UNIT       (1u << 30)
#define MAY_DEALLOCATE   (1u << 25)
#define DATASET_DISCARDS (1u << 2)

struct io_range {
	uint64_t offset; /* bytes */
	uint64_t size;
};

static uint16_t io_status(int err, uint16_t fault)
{
	switch (err) {
	case 0:
		return NVME_OK;
	case -EFAULT:
		return NVME_DATA_TRANSFER | NVME_NO_RETRY;
	case -ENOSPC:
	case -EDQUOT:
	case -EFBIG:
		return NVME_CAPACITY | NVME_NO_RETRY;
	case -ENOMEM:
	case -EAGAIN:
		return NVME_INTERNAL;
	default:
		return fault | NVME_NO_RETRY;
	}
}

static uint16_t io_range_find(const struct nvme *nvme, uint64_t first,
			      uint64_t blocks, struct io_range *range)
{
	uint64_t all = nvme->image->size >> nvme->shift;

	if (first > all || blocks > all - first)
		return NVME_LBA_RANGE | NVME_NO_RETRY;
	range->offset = first << nvme->shift;
	range->size = blocks << nvme->shift;
	return NVME_OK;
}

/* The range that a command has in its double words 10 to 12. */
static uint16_t io_range_of(const struct nvme *nvme,
			    const struct nvme_command *command,
			    struct io_range *range)
{
	uint64_t first = command->dword10 | (uint64_t)command->dword11 << 32;

	return io_range_find(nvme, first, (command->dword12 & 0xffff) + 1,
			     range);
}

static uint16_t io_transfer_find(const struct nvme *nvme,
				 struct nvme_request *request,
				 unsigned int flag, struct io_range *range)
{
	uint16_t status = io_range_of(nvme, &request->command, range);

	if (!status && range->size > NVME_TRANSFER)
		status = NVME_INVALID_FIELD | NVME_NO_RETRY;
	return status ? status
		      : nvme_prp_find(nvme, request, (uint32_t)range->size,
				      flag);
}

static uint16_t io_do_read(struct nvme *nvme, struct nvme_request *request)
{
	struct io_range range;
	uint16_t status =
		io_transfer_find(nvme, request, LEND_DMA_WRITE, &range);

	if (status)
		return status;
	return io_status(image_load(nvme->image, request->parts.part,
				    request->parts.count, range.offset),
			 NVME_READ_FAULT);
}

/* Without a cache that the guest knows of, each write is on the medium. */
static bool io_is_durable(const struct nvme_request *request)
{
	return request->command.dword12 & FORCE_UNIT || !request->has_cache;
}

static uint16_t io_do_write(struct nvme *nvme, struct nvme_request *request)
{
	struct io_range range;
	uint16_t status;

	if (nvme->image->is_read_only)
		return NVME_WRITE_PROTECTED | NVME_NO_RETRY;
	status = io_transfer_find(nvme, request, LEND_DMA_READ, &range);
	if (status)
		return status;
	return io_status(image_store(nvme->image, request->parts.part,
				     request->parts.count, range.offset,
				     io_is_durable(request)),
			 NVME_WRITE_FAULT);
}

static uint16_t io_flush(struct nvme *nvme, struct nvme_request *request)
{
	(void)request;
	return io_status(image_flush(nvme->image), NVME_WRITE_FAULT);
}

static uint16_t io_write_zeroes(struct nvme *nvme, struct nvme_request *request)
{
	const struct nvme_command *command = &request->command;
	struct io_range range;
	uint16_t status = io_range_of(nvme, command, &range);
	int err;

	if (nvme->image->is_read_only)
		return NVME_WRITE_PROTECTED | NVME_NO_RETRY;
	if (status)
		return status;
	err = image_zero(nvme->image, range.offset, range.size,
			 command->dword12 & MAY_DEALLOCATE);
	if (!err && io_is_durable(request))
		err = image_flush(nvme->image);
	return io_status(err, NVME_WRITE_FAULT);
}

static uint16_t io_dataset(struct nvme *nvme, struct nvme_request *request)
{
	struct nvme_range ranges[NVME_RANGES_MAX];
	uint32_t count = (request->command.dword10 & 0xff) + 1;
	uint16_t status = nvme_prp_read(nvme, request, ranges,
					count * (uint32_t)sizeof(ranges[0]));
	struct io_range range;

	if (nvme->image->is_read_only)
		return NVME_WRITE_PROTECTED | NVME_NO_RETRY;
	if (!(request->command.dword11 & DATASET_DISCARDS))
		return status;
	for (uint32_t i = 0; !status && i < count; i++) {
		status = io_range_find(nvme, ranges[i].first, ranges[i].blocks,
				       &range);
		if (!status && range.size)
			status = io_status(image_discard(nvme->image,
							 range.offset,
							 range.size),
					   NVME_WRITE_FAULT);
	}
	return status;
}

uint16_t nvme_io(struct nvme *nvme, struct nvme_request *request)
{
	const struct nvme_command *command = &request->command;

	if (command->flags)
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	if (command->namespace != 1 && (command->opcode != NVME_FLUSH ||
					command->namespace != ALL_NAMESPACES))
		return NVME_INVALID_NAMESPACE | NVME_NO_RETRY;
	switch (command->opcode) {
	case NVME_FLUSH:
		return io_flush(nvme, request);
	case NVME_WRITE:
		return io_do_write(nvme, request);
	case NVME_READ:
		return io_do_read(nvme, request);
	case NVME_WRITE_ZEROES:
		return io_write_zeroes(nvme, request);
	case NVME_DATASET:
		return io_dataset(nvme, request);
	}
	return NVME_INVALID_OPCODE | NVME_NO_RETRY;
}

void nvme_io_count(struct nvme *nvme, const struct nvme_request *request,
		   uint16_t status)
{
	const struct nvme_command *command = &request->command;
	uint64_t blocks = (UINT64_C(1) * (command->dword12 & 0xffff) + 1)
				  << nvme->shift >>
			  9;

	if ((status & 0x7ff) == NVME_READ_FAULT ||
	    (status & 0x7ff) == NVME_WRITE_FAULT)
		nvme->counters.media_errors++;
	if (status)
		return;
	if (command->opcode == NVME_READ) {
		nvme->counters.reads++;
		nvme->counters.blocks_read += blocks;
	} else if (command->opcode == NVME_WRITE) {
		nvme->counters.writes++;
		nvme->counters.blocks_written += blocks;
	}
}
