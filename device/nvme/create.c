// SPDX-License-Identifier: MIT
// Creates and deletes I/O queues.

#include "device/nvme/controller.h"

#define CONTIGUOUS 1u
#define WITH_IRQ   2u

struct new_queue {
	uint32_t number;
	uint32_t size;
	uint64_t address;
};

/* What both kinds of queue have in common. */
static uint16_t queue_check(const struct nvme_command *command, bool is_there,
			    const struct new_queue *queue)
{
	if (!queue->number || queue->number >= NVME_QUEUES || is_there)
		return NVME_INVALID_QUEUE | NVME_NO_RETRY;
	if (queue->size < 2 || queue->size > NVME_ENTRIES)
		return NVME_INVALID_SIZE | NVME_NO_RETRY;
	if (!(command->dword11 & CONTIGUOUS))
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	return queue->address & (NVME_PAGE - 1)
		       ? NVME_PRP_OFFSET | NVME_NO_RETRY
		       : NVME_OK;
}

static struct new_queue queue_read(const struct nvme_command *command)
{
	return (struct new_queue){
		.number = command->dword10 & 0xffff,
		.size = (command->dword10 >> 16) + 1,
		.address = command->prp1,
	};
}

uint16_t nvme_create_cq(struct nvme *nvme, const struct nvme_command *command)
{
	struct new_queue queue = queue_read(command);
	uint32_t vector = command->dword11 >> 16;
	uint16_t status = queue_check(command,
				      queue.number < NVME_QUEUES &&
					      nvme->cqs[queue.number].is_valid,
				      &queue);

	if (status)
		return status;
	if (vector >= NVME_QUEUES)
		return NVME_INVALID_VECTOR | NVME_NO_RETRY;
	nvme->cqs[queue.number] = (struct nvme_cq){
		.is_valid = true,
		.has_irq = command->dword11 & WITH_IRQ,
		.phase = true,
		.address = queue.address,
		.size = queue.size,
		.vector = (uint16_t)vector,
	};
	return NVME_OK;
}

uint16_t nvme_create_sq(struct nvme *nvme, const struct nvme_command *command)
{
	struct new_queue queue = queue_read(command);
	uint32_t cq = command->dword11 >> 16;
	uint16_t status = queue_check(command,
				      queue.number < NVME_QUEUES &&
					      nvme->sqs[queue.number].is_valid,
				      &queue);

	if (status)
		return status;
	if (!cq || cq >= NVME_QUEUES || !nvme->cqs[cq].is_valid)
		return NVME_INVALID_CQ | NVME_NO_RETRY;
	nvme->sqs[queue.number] = (struct nvme_sq){
		.is_valid = true,
		.address = queue.address,
		.size = queue.size,
		.cq = (uint16_t)cq,
	};
	nvme->cqs[cq].users++;
	return NVME_OK;
}

uint16_t nvme_delete_cq(struct nvme *nvme, const struct nvme_command *command)
{
	uint32_t number = command->dword10 & 0xffff;

	if (!number || number >= NVME_QUEUES || !nvme->cqs[number].is_valid)
		return NVME_INVALID_QUEUE | NVME_NO_RETRY;
	if (nvme->cqs[number].users)
		return NVME_INVALID_DELETION | NVME_NO_RETRY;
	nvme->cqs[number] = (struct nvme_cq){0};
	nvme_interrupts_update(nvme);
	return NVME_OK;
}

/* Commands that were taken are completed before. */
uint16_t nvme_delete_sq(struct nvme *nvme, const struct nvme_command *command)
{
	uint32_t number = command->dword10 & 0xffff;
	struct nvme_sq *sq;

	if (!number || number >= NVME_QUEUES)
		return NVME_INVALID_QUEUE | NVME_NO_RETRY;
	sq = &nvme->sqs[number];
	if (!sq->is_valid || sq->is_leaving)
		return NVME_INVALID_QUEUE | NVME_NO_RETRY;
	sq->is_leaving = true;
	while (sq->in_flight)
		pthread_cond_wait(&nvme->idle, &nvme->lock);
	nvme->cqs[sq->cq].users--;
	*sq = (struct nvme_sq){0};
	return NVME_OK;
}
