/* SPDX-License-Identifier: MIT */
/* The controller, shared by the files of this directory. */
#ifndef DEVICE_NVME_CONTROLLER_H
#define DEVICE_NVME_CONTROLLER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <lend/function.h>
#include <lend/server.h>

#include "device/base/image.h"
#include "device/base/memory.h"
#include "device/nvme/format.h"
#include "device/nvme/nvme.h"

#define NVME_PAIRS    64u /* of I/O queues */
#define NVME_QUEUES   (NVME_PAIRS + 1)
#define NVME_ENTRIES  1024u /* of a queue, at most */
#define NVME_THREADS  4u
#define NVME_HELD     4u /* requests for events */
#define NVME_ERRORS   4u /* entries of the log */
#define NVME_MDTS     8u /* log2 of the pages of a transfer: 1 MiB */
#define NVME_TRANSFER (NVME_PAGE << NVME_MDTS)
#define NVME_SERIAL   20u

/* The BAR: registers and doorbells, the MSI-X table, its pending bits. */
#define NVME_BAR_SIZE 0x4000u
#define NVME_TABLE    0x2000u
#define NVME_PENDING  0x3000u

struct nvme_sq {
	bool is_valid;
	bool is_leaving; /* no more commands are taken */
	uint64_t address;
	uint32_t size; /* entries */
	uint32_t head;
	uint32_t tail;
	uint16_t cq;
	unsigned int in_flight;
};

struct nvme_cq {
	bool is_valid;
	bool has_irq;
	bool phase;
	uint64_t address;
	uint32_t size;
	uint32_t head;
	uint32_t tail;
	uint16_t vector;
	unsigned int users;    /* submission queues */
	unsigned int reserved; /* entries for commands in flight */
};

/* Requests for events that wait, and events that wait for requests. Source:
 * 5.2 of the specification. */
struct nvme_events {
	uint16_t held[NVME_HELD]; /* ids of commands */
	unsigned int held_count;
	bool is_pending; /* one error event */
	bool is_masked;  /* until the log of errors was read */
	uint8_t info;
};

struct nvme_counters {
	uint64_t reads, writes;               /* commands */
	uint64_t blocks_read, blocks_written; /* of 512 bytes */
	uint64_t media_errors, errors;
	uint64_t power_cycles;
};

struct nvme {
	struct lend_ctx *ctx; /* a reference */
	struct lend_function *function;
	struct lend_server *server;
	const struct image *image;
	unsigned int shift; /* log2 of the block */
	char serial[NVME_SERIAL + 1];
	char *name;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t work;  /* for those who carry out commands */
	pthread_cond_t idle;  /* fewer commands are in flight */
	pthread_t threads[NVME_THREADS];
	unsigned int thread_count;
	bool must_stop;

	/* Changes with the lock held and no command in flight: those who carry
	 * out commands read it without. */
	struct memory memory;
	unsigned int paused; /* those who wait for that */

	uint32_t cc, csts, aqa, masked;
	uint64_t asq, acq;
	bool is_on;      /* the queues are those of this enabling */
	bool must_reset; /* CC.EN was cleared */
	bool is_shutting_down;

	struct nvme_sq sqs[NVME_QUEUES];
	struct nvme_cq cqs[NVME_QUEUES];
	unsigned int next; /* queue to look at */
	unsigned int in_flight;
	/* Doorbells in the client's memory, and up to where it need not ring;
	 * 0: none. */
	uint64_t shadow, shadow_events;

	uint32_t features[NVME_FEATURES];
	struct nvme_events events;
	struct nvme_counters counters;
	struct nvme_error_entry errors[NVME_ERRORS]; /* the newest first */
};

/* A command that is carried out. */
struct nvme_request {
	struct nvme_command command;
	unsigned int queue;
	uint32_t result;
	bool is_held;   /* its completion comes with an event */
	bool has_cache; /* writes may stay in one until a flush */
	struct memory_parts parts;
};

/* All with the lock held, unless they say otherwise. */

/* registers.c */
void nvme_register_read(struct nvme *nvme, uint64_t offset, void *data,
			size_t size);
void nvme_register_write(struct nvme *nvme, uint64_t offset, const void *data,
			 size_t size);
/* What waited until no command was in flight. */
void nvme_settle(struct nvme *nvme);
/* The controller cannot go on: the guest is to reset it. */
void nvme_fail(struct nvme *nvme, const char *why);
/* Wait until no command is in flight, and forget queues and registers. */
void nvme_reset(struct nvme *nvme);

/* queue.c */
void nvme_queues_clear(struct nvme *nvme);
void nvme_admin_queues_set(struct nvme *nvme);
void nvme_doorbell(struct nvme *nvme, uint64_t offset, uint32_t value);
/* Take the next command. Returns whether there was one. */
bool nvme_fetch(struct nvme *nvme, struct nvme_request *request);
bool nvme_cq_has_room(struct nvme *nvme, unsigned int number);
void nvme_cq_post(struct nvme *nvme, unsigned int number,
		  const struct nvme_completion *completion);
/* Signal what has to be, after a change of masks. */
void nvme_interrupts_update(struct nvme *nvme);
void nvme_interrupts_unmask(struct nvme *nvme, uint32_t vectors);

/* run.c */
void nvme_pause(struct nvme *nvme);
void nvme_resume(struct nvme *nvme);

/* admin.c */
uint16_t nvme_admin(struct nvme *nvme, struct nvme_request *request);

/* create.c */
uint16_t nvme_create_cq(struct nvme *nvme, const struct nvme_command *command);
uint16_t nvme_create_sq(struct nvme *nvme, const struct nvme_command *command);
uint16_t nvme_delete_cq(struct nvme *nvme, const struct nvme_command *command);
uint16_t nvme_delete_sq(struct nvme *nvme, const struct nvme_command *command);

/* identify.c */
uint16_t nvme_describe(struct nvme *nvme, struct nvme_request *request);

/* feature.c */
void nvme_features_reset(struct nvme *nvme);
uint16_t nvme_feature_get(struct nvme *nvme, struct nvme_request *request);
uint16_t nvme_feature_set(struct nvme *nvme, struct nvme_request *request);

/* log.c */
uint16_t nvme_log_get(struct nvme *nvme, struct nvme_request *request);
void nvme_log_error(struct nvme *nvme, const struct nvme_request *request,
		    uint16_t status);

/* event.c */
uint16_t nvme_event_hold(struct nvme *nvme, struct nvme_request *request);
bool nvme_event_abort(struct nvme *nvme, uint16_t id);
void nvme_event_add(struct nvme *nvme, uint8_t info);
void nvme_event_unmask(struct nvme *nvme);
void nvme_events_deliver(struct nvme *nvme);

/* Without the lock, while the command is in flight. */

/* prp.c: the command's data, as parts of the memory; and copies of it. */
uint16_t nvme_prp_find(const struct nvme *nvme, struct nvme_request *request,
		       uint32_t size, unsigned int flag);
uint16_t nvme_prp_write(const struct nvme *nvme, struct nvme_request *request,
			const void *data, uint32_t size);
uint16_t nvme_prp_read(const struct nvme *nvme, struct nvme_request *request,
		       void *data, uint32_t size);

/* io.c */
uint16_t nvme_io(struct nvme *nvme, struct nvme_request *request);
/* Counts a command that was carried out; with the lock held. */
void nvme_io_count(struct nvme *nvme, const struct nvme_request *request,
		   uint16_t status);

#endif
