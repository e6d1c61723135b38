// SPDX-License-Identifier: MIT
// Queues: doorbells, in registers and in the client's memory; commands that are
// taken, and completions that are posted.

#include <stdatomic.h>
#include <string.h>

#include "device/nvme/controller.h"

void nvme_queues_clear(struct nvme *nvme)
{
	memset(nvme->sqs, 0, sizeof(nvme->sqs));
	memset(nvme->cqs, 0, sizeof(nvme->cqs));
	nvme->next = 0;
	nvme->shadow = nvme->shadow_events = 0;
}

void nvme_admin_queues_set(struct nvme *nvme)
{
	nvme->sqs[0] = (struct nvme_sq){
		.is_valid = true,
		.address = nvme->asq,
		.size = (nvme->aqa & 0xfff) + 1,
	};
	nvme->cqs[0] = (struct nvme_cq){
		.is_valid = true,
		.has_irq = true,
		.phase = true,
		.address = nvme->acq,
		.size = (nvme->aqa >> 16) + 1,
		.users = 1,
	};
}

/* Where the doorbell of a queue is: that of its submissions, then that of its
 * completions. */
static uint64_t doorbell_at(unsigned int queue, bool is_cq)
{
	return (queue * 2u + is_cq) * sizeof(uint32_t);
}

static bool shadow_has(const struct nvme *nvme, unsigned int queue)
{
	return nvme->shadow && queue;
}

/* What the client has rung in its memory. Another value than one of an entry
 * changes nothing. */
static void shadow_read(struct nvme *nvme, unsigned int queue, bool is_cq,
			uint32_t size, uint32_t *entry)
{
	uint32_t value;

	if (!memory_copy_in(&nvme->memory,
			    nvme->shadow + doorbell_at(queue, is_cq), &value,
			    sizeof(value)) &&
	    value < size)
		*entry = value;
}

static void shadow_ask(struct nvme *nvme, unsigned int queue, bool is_cq,
		       uint32_t entry)
{
	memory_copy_out(&nvme->memory,
			nvme->shadow_events + doorbell_at(queue, is_cq), &entry,
			sizeof(entry));
}

/* Have the client ring for the next change, which may have been already: the
 * client reads what is asked after it has written its own. */
static void shadow_arm(struct nvme *nvme, unsigned int queue, bool is_cq,
		       uint32_t size, uint32_t *entry)
{
	if (!shadow_has(nvme, queue))
		return;
	shadow_ask(nvme, queue, is_cq, *entry);
	atomic_thread_fence(memory_order_seq_cst);
	shadow_read(nvme, queue, is_cq, size, entry);
}

static bool cq_is_signalled(const struct nvme *nvme, const struct nvme_cq *cq)
{
	return cq->has_irq &&
	       (cq->vector >= 32 || !(nvme->masked >> cq->vector & 1));
}

/* A line is asserted as long as a queue has completions. */
static void line_update(struct nvme *nvme)
{
	bool is_asserted = false;

	for (unsigned int i = 0; i < NVME_QUEUES; i++) {
		const struct nvme_cq *cq = &nvme->cqs[i];

		if (cq->is_valid && cq->head != cq->tail &&
		    cq_is_signalled(nvme, cq))
			is_asserted = true;
	}
	lend_function_set_line(nvme->function, is_asserted);
}

void nvme_interrupts_update(struct nvme *nvme)
{
	if (!lend_function_messages(nvme->function))
		line_update(nvme);
}

static void cq_signal(struct nvme *nvme, const struct nvme_cq *cq)
{
	unsigned int messages = lend_function_messages(nvme->function);

	if (!messages)
		line_update(nvme);
	else if (cq_is_signalled(nvme, cq))
		lend_function_signal(nvme->function, cq->vector % messages);
}

void nvme_interrupts_unmask(struct nvme *nvme, uint32_t vectors)
{
	nvme->masked &= ~vectors;
	for (unsigned int i = 0; i < NVME_QUEUES; i++) {
		const struct nvme_cq *cq = &nvme->cqs[i];

		if (cq->is_valid && cq->head != cq->tail && cq->vector < 32 &&
		    vectors >> cq->vector & 1)
			cq_signal(nvme, cq);
	}
	nvme_interrupts_update(nvme);
}

static void doorbell_set_head(struct nvme *nvme, unsigned int queue,
			      uint32_t value)
{
	struct nvme_cq *cq = &nvme->cqs[queue];

	if (shadow_has(nvme, queue))
		shadow_read(nvme, queue, true, cq->size, &cq->head);
	else
		cq->head = value;
	nvme_interrupts_update(nvme);
	nvme_events_deliver(nvme);
	pthread_cond_signal(&nvme->work);
}

static void doorbell_set_tail(struct nvme *nvme, unsigned int queue,
			      uint32_t value)
{
	struct nvme_sq *sq = &nvme->sqs[queue];

	if (shadow_has(nvme, queue))
		shadow_read(nvme, queue, false, sq->size, &sq->tail);
	else
		sq->tail = value;
	pthread_cond_signal(&nvme->work);
}

/*
 * Where a doorbell is in memory too, the register says that it has changed.
 * What was written to the register may be older than what has been read from
 * memory, since that write is a message: by it the tail would go back, and
 * commands that are done would be carried out again.
 */
void nvme_doorbell(struct nvme *nvme, uint64_t offset, uint32_t value)
{
	uint64_t number = offset / sizeof(uint32_t);
	uint64_t queue = number / 2;
	bool is_cq = number & 1;

	if (!nvme->is_on)
		return;
	if (queue >= NVME_QUEUES ||
	    !(is_cq ? nvme->cqs[queue].is_valid : nvme->sqs[queue].is_valid)) {
		nvme_event_add(nvme, NVME_EVENT_DOORBELL);
		return;
	}
	if (value >= (is_cq ? nvme->cqs[queue].size : nvme->sqs[queue].size)) {
		nvme_event_add(nvme, NVME_EVENT_VALUE);
		return;
	}
	if (is_cq)
		doorbell_set_head(nvme, (unsigned int)queue, value);
	else
		doorbell_set_tail(nvme, (unsigned int)queue, value);
}

static uint32_t cq_free(const struct nvme_cq *cq)
{
	uint32_t used = (cq->tail + cq->size - cq->head) % cq->size;
	uint32_t taken = used + cq->reserved;

	return taken < cq->size - 1 ? cq->size - 1 - taken : 0;
}

/* If it is full, the client is to ring when it has taken completions. It may
 * have before it reads that. */
bool nvme_cq_has_room(struct nvme *nvme, unsigned int number)
{
	struct nvme_cq *cq = &nvme->cqs[number];

	if (cq_free(cq) || !shadow_has(nvme, number))
		return cq_free(cq);
	shadow_read(nvme, number, true, cq->size, &cq->head);
	if (!cq_free(cq))
		shadow_arm(nvme, number, true, cq->size, &cq->head);
	return cq_free(cq);
}

void nvme_cq_post(struct nvme *nvme, unsigned int number,
		  const struct nvme_completion *completion)
{
	struct nvme_cq *cq = &nvme->cqs[number];
	struct nvme_completion entry = *completion;

	entry.status = (uint16_t)(entry.status << 1 | cq->phase);
	if (memory_post(&nvme->memory, cq->address + cq->tail * sizeof(entry),
			&entry, sizeof(entry), sizeof(entry.status))) {
		nvme_fail(nvme, "a completion queue is not in its memory");
		return;
	}
	if (++cq->tail == cq->size) {
		cq->tail = 0;
		cq->phase = !cq->phase;
	}
	/* With a line, each change of the head counts. */
	if (!lend_function_messages(nvme->function))
		shadow_arm(nvme, number, true, cq->size, &cq->head);
	cq_signal(nvme, cq);
}

static bool sq_is_ready(struct nvme *nvme, unsigned int number)
{
	struct nvme_sq *sq = &nvme->sqs[number];

	if (!sq->is_valid || sq->is_leaving)
		return false;
	if (sq->head == sq->tail && shadow_has(nvme, number))
		shadow_read(nvme, number, false, sq->size, &sq->tail);
	return sq->head != sq->tail && nvme_cq_has_room(nvme, sq->cq);
}

static bool sq_take(struct nvme *nvme, unsigned int number,
		    struct nvme_request *request)
{
	struct nvme_sq *sq = &nvme->sqs[number];
	struct nvme_command *command = &request->command;

	if (memory_copy_in(&nvme->memory,
			   sq->address + sq->head * sizeof(*command), command,
			   sizeof(*command))) {
		nvme_fail(nvme, "a submission queue is not in its memory");
		return false;
	}
	sq->head = (sq->head + 1) % sq->size;
	/* As long as there are more, the client need not ring. */
	if (sq->head == sq->tail)
		shadow_arm(nvme, number, false, sq->size, &sq->tail);
	sq->in_flight++;
	nvme->cqs[sq->cq].reserved++;
	nvme->in_flight++;
	nvme->next = number + 1;
	request->queue = number;
	request->result = 0;
	request->is_held = false;
	request->has_cache = nvme->features[NVME_WRITE_CACHE] & 1;
	request->parts.count = 0;
	return true;
}

bool nvme_fetch(struct nvme *nvme, struct nvme_request *request)
{
	if (!nvme->is_on || nvme->must_reset || nvme->paused ||
	    nvme->csts & NVME_CSTS_CFS ||
	    !lend_function_bus_master(nvme->function))
		return false;
	for (unsigned int i = 0; i < NVME_QUEUES; i++) {
		unsigned int number = (nvme->next + i) % NVME_QUEUES;

		if (sq_is_ready(nvme, number))
			return sq_take(nvme, number, request);
	}
	return false;
}
