// SPDX-License-Identifier: MIT
// Starts and stops an NVMe controller, and runs the commands of a queue.

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "nvme.h"

/* Registers in BAR 0: NVM Express Base Specification 1.4, section 3.1. */
#define NVME_CAP      0x00
#define NVME_VERSION  0x08
#define NVME_CC       0x14
#define NVME_CSTS     0x1c
#define NVME_AQA      0x24
#define NVME_ASQ      0x28
#define NVME_ACQ      0x30
#define NVME_DOORBELL 0x1000 /* of commands; then of completions */

#define PCI_CLASS      0x08 /* in configuration space, above the revision */
#define PCI_CLASS_NVME 0x010802

#define CAP_TIMEOUT(cap) ((unsigned int)((cap) >> 24 & 0xff)) /* in 500 ms */
#define CAP_STRIDE(cap)  (4u << ((cap) >> 32 & 0xf)) /* between doorbells */
#define CAP_PAGE(cap)    ((cap) >> 48 & 0xf)         /* least is 4096 << this */

#define CC_ENABLE      (1u << 0)
#define CC_ENTRY_SIZES (6u << 16 | 4u << 20) /* 64 and 16 bytes */
#define CSTS_READY     (1u << 0)
#define CSTS_FATAL     (1u << 1)

#define CREATE_SUBMISSION 0x01
#define CREATE_COMPLETION 0x05
#define IDENTIFY          0x06
#define SET_FEATURES      0x09
#define NUMBER_OF_QUEUES  0x07 /* less one; of both kinds */
#define CONTIGUOUS        (1u << 0)
#define INTERRUPTS        (1u << 1)

#define ADMIN_ENTRIES 2 /* the fewest there may be */

/* Waits until the controller is ready, or no longer, within the time that it
 * specifies. There is no interrupt for that. */
static int nvme_await_ready(struct nvme *nvme, bool ready)
{
	const struct timespec tick = {.tv_nsec = 10 * 1000 * 1000};
	unsigned int ticks = (CAP_TIMEOUT(nvme->cap) + 1) * 50;

	while (ticks--) {
		uint32_t status =
			lend_registers_read32(nvme->registers, NVME_CSTS);

		if (status & CSTS_FATAL)
			return print_errno("the controller has failed", -EIO);
		if (!!(status & CSTS_READY) == ready)
			return 0;
		nanosleep(&tick, NULL);
	}
	return print_errno("the controller exceeds its own timeout",
			   -ETIMEDOUT);
}

static int nvme_stop(struct nvme *nvme)
{
	lend_registers_write32(nvme->registers, NVME_CC, 0);
	return nvme_await_ready(nvme, false);
}

static int nvme_check_class(const struct nvme *nvme)
{
	struct lend_device *device = nvme->session.device;
	uint32_t class;
	int err;

	err = lend_device_require(device, LEND_DEVICE_PCI);
	if (err)
		return session_fail(&nvme->session, err);
	err = lend_region_read(device, LEND_PCI_REGION_CONFIG, PCI_CLASS,
			       &class, sizeof(class));
	if (err)
		return print_errno("cannot read configuration space", err);
	if (le32toh(class) >> 8 != PCI_CLASS_NVME)
		return print_errno("not an NVMe controller", -ENODEV);
	return 0;
}

static int nvme_probe(struct nvme *nvme)
{
	uint32_t version;
	uint64_t cap;
	int err;

	err = lend_registers_new(nvme->session.device, LEND_PCI_REGION_BAR(0),
				 &nvme->registers);
	if (err)
		return session_fail(&nvme->session, err);
	cap = lend_registers_read64(nvme->registers, NVME_CAP);
	version = lend_registers_read32(nvme->registers, NVME_VERSION);
	if (!cap || cap == UINT64_MAX || CAP_PAGE(cap))
		return print_errno(
			"the controller does not support 4 KiB pages",
			-ENOTSUP);
	nvme->cap = cap;
	fprintf(stderr, "NVMe %u.%u\n", version >> 16, version >> 8 & 0xff);
	return nvme_stop(nvme);
}

static int nvme_queue_allocate(struct nvme *nvme, unsigned int entries,
			       struct nvme_queue *queue)
{
	int err = lend_dma_new(nvme->session.iommu, 2ull * NVME_PAGE,
			       UINT64_MAX, &queue->memory);

	if (err)
		return session_fail(&nvme->session, err);
	queue->entries = entries;
	return 0;
}

static int nvme_start(struct nvme *nvme)
{
	const uint32_t entries = ADMIN_ENTRIES - 1;
	struct lend_registers *r = nvme->registers;
	uint64_t iova = lend_dma_iova(nvme->admin.memory);

	lend_registers_write32(r, NVME_AQA, entries << 16 | entries);
	lend_registers_write64(r, NVME_ASQ, iova);
	lend_registers_write64(r, NVME_ACQ, iova + NVME_PAGE);
	lend_registers_write32(r, NVME_CC, CC_ENTRY_SIZES | CC_ENABLE);
	return nvme_await_ready(nvme, true);
}

int nvme_open(struct nvme *nvme, const char *text, unsigned int index,
	      unsigned int vectors)
{
	struct session *s = &nvme->session;
	int err;

	memset(nvme, 0, sizeof(*nvme));
	err = session_open(s, text);
	if (!err)
		err = nvme_check_class(nvme);
	if (!err)
		err = nvme_probe(nvme);
	if (!err)
		err = nvme_queue_allocate(nvme, ADMIN_ENTRIES, &nvme->admin);
	if (err)
		return err;
	err = lend_dma_new(s->iommu, NVME_PAGE, UINT64_MAX, &nvme->answer);
	if (!err)
		err = lend_vectors_new(s->device, index, vectors,
				       &nvme->vectors);
	if (!err)
		err = lend_device_bus_master(s->device, true);
	return err ? session_fail(s, err) : nvme_start(nvme);
}

int nvme_close(struct nvme *nvme)
{
	int err = nvme->cap ? nvme_stop(nvme) : 0;

	if (nvme->cap && lend_device_bus_master(nvme->session.device, false))
		err = session_fail(&nvme->session, -EIO);
	lend_vectors_free(nvme->vectors);
	lend_dma_free(nvme->answer);
	lend_dma_free(nvme->admin.memory);
	lend_registers_free(nvme->registers);
	session_close(&nvme->session);
	return err ? -EIO : 0;
}

static void nvme_ring(struct nvme *nvme, const struct nvme_queue *queue,
		      bool completions)
{
	uint64_t doorbell = 2ull * queue->number + completions;

	lend_registers_write32(nvme->registers,
			       NVME_DOORBELL + doorbell * CAP_STRIDE(nvme->cap),
			       completions ? queue->head : queue->tail);
}

void nvme_submit(struct nvme_queue *queue, const struct nvme_command *command)
{
	struct nvme_command *commands = lend_dma_vaddr(queue->memory);

	commands[queue->tail] = *command;
	commands[queue->tail].id = htole16((uint16_t)queue->tail);
	queue->tail = (queue->tail + 1) % queue->entries;
	queue->pending++;
}

/* Takes one completion and its status, if there is one. */
static bool nvme_take(struct nvme_queue *queue, uint16_t *status)
{
	const volatile struct nvme_completion *completion =
		(const volatile struct nvme_completion
			 *)((char *)lend_dma_vaddr(queue->memory) + NVME_PAGE) +
		queue->head;

	*status = le16toh(completion->status);
	if ((*status & 1) == queue->is_odd_round)
		return false;
	queue->head = (queue->head + 1) % queue->entries;
	if (!queue->head)
		queue->is_odd_round = !queue->is_odd_round;
	queue->pending--;
	return true;
}

/* Takes what is complete, and then lets the interrupt come again. */
static int nvme_take_all(struct nvme *nvme, struct nvme_queue *queue, int *err)
{
	unsigned int head = queue->head;
	uint16_t status;
	int failed;

	while (queue->pending && nvme_take(queue, &status))
		if (status >> 1)
			*err = print_errno("an NVMe command failed", -EIO);
	/* The data must not be read before its completion. */
	lend_dma_fence();
	if (queue->head != head)
		nvme_ring(nvme, queue, true);
	failed = lend_vectors_unmask(nvme->vectors, queue->vector);
	return failed ? session_fail(&nvme->session, failed) : 0;
}

int nvme_run(struct nvme *nvme, struct nvme_queue *queue)
{
	int result = 0;
	int err = 0;

	nvme_ring(nvme, queue, false);
	while (queue->pending && !err) {
		err = irq_await(nvme->vectors, queue->vector);
		if (!err)
			err = nvme_take_all(nvme, queue, &result);
	}
	return err ? err : result;
}

static int nvme_run_admin(struct nvme *nvme, const struct nvme_command *command)
{
	nvme_submit(&nvme->admin, command);
	return nvme_run(nvme, &nvme->admin);
}

int nvme_identify(struct nvme *nvme, uint32_t what, uint32_t namespace_id)
{
	const struct nvme_command command = {
		.opcode = IDENTIFY,
		.namespace_id = htole32(namespace_id),
		.data[0] = htole64(lend_dma_iova(nvme->answer)),
		.dword[0] = htole32(what),
	};

	return nvme_run_admin(nvme, &command);
}

/* One I/O queue is enough for an example. */
static int nvme_request_queue(struct nvme *nvme)
{
	const struct nvme_command command = {
		.opcode = SET_FEATURES,
		.dword[0] = htole32(NUMBER_OF_QUEUES),
	};

	return nvme_run_admin(nvme, &command);
}

int nvme_queue_new(struct nvme *nvme, unsigned int number, unsigned int entries,
		   unsigned int vector, struct nvme_queue *queue)
{
	struct nvme_command completion = {
		.opcode = CREATE_COMPLETION,
		.dword[0] = htole32((entries - 1) << 16 | number),
		.dword[1] = htole32(vector << 16 | INTERRUPTS | CONTIGUOUS),
	};
	struct nvme_command submission = {
		.opcode = CREATE_SUBMISSION,
		.dword[0] = htole32((entries - 1) << 16 | number),
		.dword[1] = htole32(number << 16 | CONTIGUOUS),
	};
	int err;

	*queue = (struct nvme_queue){.number = number, .vector = vector};
	err = nvme_queue_allocate(nvme, entries, queue);
	if (err)
		return err;
	submission.data[0] = htole64(lend_dma_iova(queue->memory));
	completion.data[0] = htole64(lend_dma_iova(queue->memory) + NVME_PAGE);
	err = nvme_request_queue(nvme);
	if (!err)
		err = nvme_run_admin(nvme, &completion);
	return err ? err : nvme_run_admin(nvme, &submission);
}
