/* SPDX-License-Identifier: MIT */
/* An NVMe controller, driven by queues and interrupts. */
#ifndef EXAMPLES_NVME_H
#define EXAMPLES_NVME_H

#include <stdbool.h>
#include <stdint.h>

#include "common.h"

#define NVME_PAGE 4096

/* Numbers in these are little-endian. */
struct nvme_command {
	uint8_t opcode;
	uint8_t flags;
	uint16_t id; /* set by nvme_submit() */
	uint32_t namespace_id;
	uint64_t reserved;
	uint64_t metadata;
	uint64_t data[2]; /* pages of the buffer */
	uint32_t dword[6];
};
_Static_assert(sizeof(struct nvme_command) == 64, "section 4.2");

struct nvme_completion {
	uint32_t result;
	uint32_t reserved;
	uint16_t head;
	uint16_t queue;
	uint16_t id;
	uint16_t status; /* bit 0 is the phase: 1 in the first round */
};
_Static_assert(sizeof(struct nvme_completion) == 16, "section 4.6");

/* A queue of commands and one of completions, in a page each. */
struct nvme_queue {
	struct lend_dma *memory;
	unsigned int number;  /* 0: the admin queue */
	unsigned int entries; /* at most 64 */
	unsigned int vector;
	unsigned int tail; /* of commands */
	unsigned int head; /* of completions */
	bool is_odd_round; /* the phase that a new completion does not have */
	unsigned int pending;
};

struct nvme {
	struct session session;
	struct lend_registers *registers;
	struct lend_vectors *vectors;
	struct nvme_queue admin;
	struct lend_dma *answer; /* of the admin queue's commands, a page */
	uint64_t cap; /* 0 until the device is known to be an NVMe controller */
};

/* Opens the controller that @text names, with its admin queue and @vectors
 * vectors of an interrupt index; call nvme_close() even after an error. The
 * functions print their errors, and return 0 or -errno. */
int nvme_open(struct nvme *nvme, const char *text, unsigned int index,
	      unsigned int vectors);

/* Stops the controller. Returns -EIO if it does not stop. */
int nvme_close(struct nvme *nvme);

/* Makes I/O queue @number, which is 1, of @entries entries, whose completions
 * raise @vector; lend_dma_free(queue->memory) frees it after nvme_close(), also
 * after an error. */
int nvme_queue_new(struct nvme *nvme, unsigned int number, unsigned int entries,
		   unsigned int vector, struct nvme_queue *queue);

/* Puts a command into the queue, which has room for entries - 1; nvme_run()
 * shows it to the controller. */
void nvme_submit(struct nvme_queue *queue, const struct nvme_command *command);

/* Has the controller carry out all commands of the queue, and waits. */
int nvme_run(struct nvme *nvme, struct nvme_queue *queue);

/* Has the controller describe itself, or a namespace: @what is the "CNS". The
 * answer is in nvme->answer. */
int nvme_identify(struct nvme *nvme, uint32_t what, uint32_t namespace_id);

#endif
