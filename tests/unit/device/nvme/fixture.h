/* SPDX-License-Identifier: MIT */
/* A controller on a file, and a driver of it at the other end of a socket. */
#ifndef TESTS_UNIT_DEVICE_NVME_FIXTURE_H
#define TESTS_UNIT_DEVICE_NVME_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "device/base/image.h"
#include "device/nvme/format.h"
#include "device/nvme/nvme.h"
#include "tests/unit/lib/server/peer.h"

#define RAM     UINT64_C(0x100000) /* address and size of the client's memory */
#define BLOCKS  64u                /* of the disk, 512 bytes each */
#define ENTRIES 16u                /* of each queue */

/* Pages of the memory. */
enum {
	PAGE_ASQ,
	PAGE_ACQ,
	PAGE_SQ,
	PAGE_CQ,
	PAGE_SHADOW,
	PAGE_EVENTS,
	PAGE_DATA
};

#define AT(page) (RAM + (uint64_t)(page)*NVME_PAGE)

struct nvme_test {
	struct lend_ctx *ctx;
	struct image image;
	struct nvme *nvme;
	char path[32];
	int listening;
	int client;
	int ram_fd;
	uint8_t *ram;
	int events[2]; /* of the vectors 0 and 1 */
	bool has_threads;
	uint32_t messages; /* index of the interrupts of events */
	uint16_t id;
	uint32_t tail[2], head[2];
	bool phase[2];
	struct nvme_completion last;
	char warning[512];
	struct peer_reply reply;
};

/* With a client and its memory mapped; and enabled with a pair of I/O queues.
 */
int nvme_setup(void **state);
int nvme_setup_on(void **state);
int nvme_setup_read_only(void **state);
int nvme_setup_no_msix(void **state);
int nvme_teardown(void **state);

/* Lets the server and the controller do what they can. */
void driver_run(struct nvme_test *test);

/* Sends a request; returns the errno of its reply. */
int nvme_ask(struct nvme_test *test, uint16_t command, const void *payload,
	     size_t size, const int *fds, unsigned int count);

uint64_t nvme_get(struct nvme_test *test, unsigned int at, unsigned int size);
void nvme_put(struct nvme_test *test, unsigned int at, unsigned int size,
	      uint64_t value);
void nvme_put_command_register(struct nvme_test *test, uint16_t value);

int nvme_map(struct nvme_test *test);
int nvme_unmap(struct nvme_test *test);
void nvme_leave(struct nvme_test *test);
void nvme_come_back(struct nvme_test *test);

/* Enables the controller; creates the pair of queues number 1. */
void nvme_enable(struct nvme_test *test);
void nvme_make_pair(struct nvme_test *test);

/* Puts a command into a queue, and rings. */
uint16_t driver_submit(struct nvme_test *test, unsigned int queue,
		       const struct nvme_command *command);
void driver_ring(struct nvme_test *test, unsigned int queue, bool is_cq,
		 uint32_t value);
/* Takes a completion to test->last. Returns whether there was one. */
bool driver_take(struct nvme_test *test, unsigned int queue);

/* Submits a command and returns its status, without the bit of no retry. */
unsigned int nvme_do(struct nvme_test *test, unsigned int queue,
		     const struct nvme_command *command);

/* Reads or writes blocks at a page of the memory. */
unsigned int nvme_transfer(struct nvme_test *test, uint8_t opcode,
			   uint64_t first, uint32_t blocks, unsigned int page);

#define TEST_WITH(f, setup)                                                    \
	cmocka_unit_test_setup_teardown(f, setup, nvme_teardown)
#define TEST(f)    TEST_WITH(f, nvme_setup)
#define TEST_ON(f) TEST_WITH(f, nvme_setup_on)

#endif
