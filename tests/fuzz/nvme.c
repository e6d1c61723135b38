// SPDX-License-Identifier: MIT
// A guest of lend disk: any registers, commands and memory, in any order.

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <lend/lend.h>

#include "device/nvme/controller.h"
#include "input.h"
#include "stub.h"

#define RAM   0x10000u
#define DISK  0x8000u
#define TURNS 256
#define STEPS 64

enum {
	DO_REGISTER,
	DO_MEMORY,
	DO_COMMAND,
	DO_STEP,
	DO_MAP,
	DO_UNMAP,
	DO_CONFIG,
	DO_PREPARE,
	DO_KINDS,
};

struct hostile_guest {
	struct input input;
	struct lend_ctx *ctx;
	struct nvme *nvme;
	struct image image;
	uint8_t *ram; /* at address 0 */
	bool is_mapped;
	uint32_t tails[2];
};

static void guest_put(struct hostile_guest *guest, uint64_t at, uint32_t value)
{
	pthread_mutex_lock(&guest->nvme->lock);
	nvme_register_write(guest->nvme, at, &value, sizeof(value));
	pthread_mutex_unlock(&guest->nvme->lock);
}

static void guest_map(struct hostile_guest *guest)
{
	const struct lend_server_dma dma = {
		.size = RAM,
		.vaddr = guest->ram,
		.fd = -1,
		.flags = LEND_DMA_READ | LEND_DMA_WRITE,
	};

	if (!guest->is_mapped)
		guest->is_mapped = !memory_add(&guest->nvme->memory, &dma);
}

static void guest_unmap(struct hostile_guest *guest)
{
	memory_remove(&guest->nvme->memory, 0);
	guest->is_mapped = false;
}

static void guest_command(struct hostile_guest *guest, unsigned int queue,
			  const struct nvme_command *command)
{
	uint32_t *tail = &guest->tails[queue];

	memcpy(guest->ram + queue * 0x1000 + *tail * sizeof(*command), command,
	       sizeof(*command));
	*tail = (*tail + 1) % 16;
	guest_put(guest, NVME_DOORBELLS + queue * 8, *tail);
}

/* As a driver does it, so that what follows has queues. */
static void guest_prepare(struct hostile_guest *guest)
{
	const uint16_t master = 6;
	const struct nvme_command cq = {.opcode = NVME_CREATE_CQ,
					.prp1 = 0x3000,
					.dword10 = 15 << 16 | 1,
					.dword11 = 3};
	const struct nvme_command sq = {.opcode = NVME_CREATE_SQ,
					.prp1 = 0x1000,
					.dword10 = 15 << 16 | 1,
					.dword11 = 1 << 16 | 1};

	lend_function_config_write(guest->nvme->function, 4, &master, 2);
	guest_map(guest);
	guest_put(guest, NVME_CC, 0);
	guest_put(guest, NVME_AQA, 15 << 16 | 15);
	guest_put(guest, NVME_ASQ, 0);
	guest_put(guest, NVME_ASQ_HIGH, 0);
	guest_put(guest, NVME_ACQ, 0x2000);
	guest_put(guest, NVME_ACQ_HIGH, 0);
	guest_put(guest, NVME_CC, 0x00460001);
	guest->tails[0] = guest->tails[1] = 0;
	guest_command(guest, 0, &cq);
	guest_command(guest, 0, &sq);
}

static void guest_steps(struct hostile_guest *guest)
{
	for (unsigned int i = 0; i < STEPS && nvme_step(guest->nvme); i++)
		;
	if (guest->nvme->in_flight)
		stub_never("a command in flight that nobody carries out");
}

static void guest_any_command(struct hostile_guest *guest)
{
	struct nvme_command command;
	uint8_t bits = (uint8_t)input_take(&guest->input, 1);

	input_fill(&guest->input, &command, sizeof(command));
	/* Mostly what is not refused at once. */
	if (bits & 2)
		command.namespace = 1;
	if (bits & 4)
		command.flags = 0;
	if (bits & 8)
		command.dword11 = 0;
	if (bits & 16)
		command.prp1 &= RAM - 4;
	if (bits & 32)
		command.prp2 &= RAM - NVME_PAGE;
	guest_command(guest, bits & 1, &command);
}

static void guest_any_memory(struct hostile_guest *guest)
{
	size_t at = input_take(&guest->input, 2);
	size_t size = input_take(&guest->input, 1);

	if (size > RAM - at)
		size = RAM - at;
	input_fill(&guest->input, guest->ram + at, size);
}

static void guest_any_config(struct hostile_guest *guest)
{
	uint64_t at = input_take(&guest->input, 2);
	uint32_t value = (uint32_t)input_take(&guest->input, 4);

	if (!lend_function_config_write(guest->nvme->function, at, &value,
					sizeof(value)))
		return;
	pthread_mutex_lock(&guest->nvme->lock);
	nvme_reset(guest->nvme);
	pthread_mutex_unlock(&guest->nvme->lock);
	lend_function_reset(guest->nvme->function);
}

static void guest_turn(struct hostile_guest *guest)
{
	uint64_t at;

	switch (input_take(&guest->input, 1) % DO_KINDS) {
	case DO_REGISTER:
		at = input_take(&guest->input, 2) % NVME_BAR_SIZE;
		guest_put(guest, at & ~3ull,
			  (uint32_t)input_take(&guest->input, 4));
		break;
	case DO_MEMORY:
		guest_any_memory(guest);
		break;
	case DO_COMMAND:
		guest_any_command(guest);
		break;
	case DO_STEP:
		guest_steps(guest);
		break;
	case DO_MAP:
		guest_map(guest);
		break;
	case DO_UNMAP:
		guest_unmap(guest);
		break;
	case DO_CONFIG:
		guest_any_config(guest);
		break;
	default:
		guest_prepare(guest);
	}
}

static int guest_new(struct hostile_guest *guest)
{
	struct nvme_options options = {.name = "disk", .image = &guest->image};

	guest->image.fd = memfd_create("disk", MFD_CLOEXEC);
	guest->ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	options.fd = dup(guest->image.fd);
	if (guest->image.fd < 0 || guest->ram == MAP_FAILED ||
	    ftruncate(guest->image.fd, DISK) || options.fd < 0 ||
	    lend_ctx_new(NULL, &guest->ctx))
		abort();
	return nvme_new(guest->ctx, &options, &guest->nvme);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hostile_guest guest = {
		.input = {data, size},
		.image = {.direct = -1, .size = DISK, .block = 512},
	};
	struct stat st;

	if (guest_new(&guest))
		abort();
	for (unsigned int i = 0; i < TURNS && guest.input.left; i++)
		guest_turn(&guest);
	guest_steps(&guest);
	if (fstat(guest.image.fd, &st) || st.st_size != DISK)
		stub_never("the disk has another size");
	nvme_free(guest.nvme);
	lend_ctx_unref(guest.ctx);
	munmap(guest.ram, RAM);
	image_close(&guest.image);
	return 0;
}
