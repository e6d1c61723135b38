// SPDX-License-Identifier: MIT
// Reads an NVMe controller's identity with one command on its admin queue, DMA
// and an interrupt.

#include <endian.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common.h"

/* Registers in BAR 0: NVM Express Base Specification 1.4, section 3.1. */
#define NVME_CAP      0x00
#define NVME_VERSION  0x08
#define NVME_CC       0x14
#define NVME_CSTS     0x1c
#define NVME_AQA      0x24
#define NVME_ASQ      0x28
#define NVME_ACQ      0x30
#define NVME_DOORBELL 0x1000 /* tail of the admin submission queue */

#define PCI_CLASS      0x08 /* in configuration space, above the revision */
#define PCI_CLASS_NVME 0x010802

#define CAP_TIMEOUT(cap) ((unsigned int)((cap) >> 24 & 0xff)) /* in 500 ms */
#define CAP_STRIDE(cap)  (4u << ((cap) >> 32 & 0xf)) /* between doorbells */
#define CAP_PAGE(cap)    ((cap) >> 48 & 0xf)         /* least is 4096 << this */

#define CC_ENABLE      (1u << 0)
#define CC_ENTRY_SIZES (6u << 16 | 4u << 20) /* 64 and 16 bytes */
#define CSTS_READY     (1u << 0)
#define CSTS_FATAL     (1u << 1)

#define IDENTIFY            0x06
#define IDENTIFY_CONTROLLER 1
#define COMMAND_ID          1
#define QUEUE_ENTRIES       2 /* the fewest there may be */
#define PAGE                4096

struct command {
	uint8_t opcode;
	uint8_t flags;
	uint16_t id;
	uint32_t namespace_id;
	uint64_t reserved;
	uint64_t metadata;
	uint64_t data[2];
	uint32_t dword[6];
};
_Static_assert(sizeof(struct command) == 64, "section 4.2");

struct completion {
	uint32_t result;
	uint32_t reserved;
	uint16_t head;
	uint16_t queue;
	uint16_t id;
	uint16_t status; /* bit 0 is the phase: 1 in the first round */
};
_Static_assert(sizeof(struct completion) == 16, "section 4.6");

struct identity {
	uint16_t vendor;
	uint16_t subsystem_vendor;
	char serial[20];
	char model[40];
	char firmware[8];
};
_Static_assert(sizeof(struct identity) == 72, "section 5.15.2.2");

/* Memory for the controller's DMA, a page each. */
enum { SUBMISSION, COMPLETION, ANSWER, PAGES };

struct nvme {
	struct session session;
	struct irq irq;
	struct dma dma;
	uint64_t cap; /* 0 until the device is known to be an NVMe controller */
};

static void *nvme_page(struct nvme *nvme, unsigned int which)
{
	return (char *)nvme->dma.memory + which * PAGE;
}

static uint64_t nvme_page_iova(const struct nvme *nvme, unsigned int which)
{
	return nvme->dma.iova + which * PAGE;
}

static int nvme_set64(struct nvme *nvme, unsigned int reg, uint64_t value)
{
	int err = reg_write(&nvme->session, reg, (uint32_t)value);

	if (err)
		return err;
	return reg_write(&nvme->session, reg + 4, (uint32_t)(value >> 32));
}

/* Waits until the controller is ready, or no longer, within the time that it
 * specifies. There is no interrupt for that. */
static int nvme_await_ready(struct nvme *nvme, bool ready)
{
	const struct timespec tick = {.tv_nsec = 10 * 1000 * 1000};
	unsigned int ticks = (CAP_TIMEOUT(nvme->cap) + 1) * 50;
	uint32_t status;

	while (ticks--) {
		int err = reg_read(&nvme->session, NVME_CSTS, &status);

		if (err)
			return err;
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
	int err = reg_write(&nvme->session, NVME_CC, 0);

	return err ? err : nvme_await_ready(nvme, false);
}

static int nvme_start(struct nvme *nvme)
{
	const uint32_t entries = QUEUE_ENTRIES - 1;
	int err;

	err = reg_write(&nvme->session, NVME_AQA, entries << 16 | entries);
	if (!err)
		err = nvme_set64(nvme, NVME_ASQ,
				 nvme_page_iova(nvme, SUBMISSION));
	if (!err)
		err = nvme_set64(nvme, NVME_ACQ,
				 nvme_page_iova(nvme, COMPLETION));
	if (!err)
		err = reg_write(&nvme->session, NVME_CC,
				CC_ENTRY_SIZES | CC_ENABLE);
	return err ? err : nvme_await_ready(nvme, true);
}

static int nvme_check_class(const struct nvme *nvme)
{
	uint32_t class;
	int err;

	err = lend_device_require(nvme->session.device, LEND_DEVICE_PCI);
	if (err)
		return session_fail(&nvme->session, err);
	err = pci_config_read(&nvme->session, PCI_CLASS, &class);
	if (!err && class >> 8 != PCI_CLASS_NVME)
		err = print_errno("not an NVMe controller", -ENODEV);
	return err;
}

static int nvme_probe(struct nvme *nvme)
{
	uint32_t low, high, version;
	uint64_t cap;
	int err;

	err = nvme_check_class(nvme);
	if (!err)
		err = reg_read(&nvme->session, NVME_CAP, &low);
	if (!err)
		err = reg_read(&nvme->session, NVME_CAP + 4, &high);
	if (!err)
		err = reg_read(&nvme->session, NVME_VERSION, &version);
	if (err)
		return err;
	cap = (uint64_t)high << 32 | low;
	if (!cap || cap == UINT64_MAX || CAP_PAGE(cap))
		return print_errno(
			"the controller does not support 4 KiB pages",
			-ENOTSUP);
	nvme->cap = cap;
	printf("NVMe %u.%u\n", version >> 16, version >> 8 & 0xff);
	return 0;
}

/* Runs the first command of the admin queue. */
static int nvme_identify(struct nvme *nvme)
{
	struct command *command = nvme_page(nvme, SUBMISSION);
	const volatile struct completion *completion =
		nvme_page(nvme, COMPLETION);
	uint16_t status;
	int err;

	command->opcode = IDENTIFY;
	command->id = htole16(COMMAND_ID);
	command->data[0] = htole64(nvme_page_iova(nvme, ANSWER));
	command->dword[0] = htole32(IDENTIFY_CONTROLLER);
	/* The command must be in memory before the doorbell is written. */
	atomic_thread_fence(memory_order_seq_cst);
	err = reg_write(&nvme->session, NVME_DOORBELL, 1);
	if (!err)
		err = irq_wait(&nvme->irq);
	if (err)
		return err;
	status = le16toh(completion->status);
	if (!(status & 1) || le16toh(completion->id) != COMMAND_ID)
		return print_errno("an interrupt without a completion",
				   -EPROTO);
	/* The answer must be read after its completion. */
	atomic_thread_fence(memory_order_seq_cst);
	err = reg_write(&nvme->session, NVME_DOORBELL + CAP_STRIDE(nvme->cap),
			1);
	if (!err)
		err = irq_seen(&nvme->session, &nvme->irq);
	if (!err && status >> 1)
		err = print_errno("the identify command failed", -EIO);
	return err;
}

/* A device's text is padded with blanks, and may contain any byte. */
static void nvme_print_text(const char *name, const char *text, size_t size)
{
	while (size && text[size - 1] == ' ')
		size--;
	printf("%s: ", name);
	for (size_t i = 0; i < size; i++)
		putchar(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	putchar('\n');
}

static void nvme_print_identity(struct nvme *nvme)
{
	struct identity identity;

	memcpy(&identity, nvme_page(nvme, ANSWER), sizeof(identity));
	printf("identity, by %s\n", nvme->irq.kind);
	printf("vendor: %04x\n", le16toh(identity.vendor));
	nvme_print_text("serial", identity.serial, sizeof(identity.serial));
	nvme_print_text("model", identity.model, sizeof(identity.model));
	nvme_print_text("firmware", identity.firmware,
			sizeof(identity.firmware));
}

static int nvme_drive(struct nvme *nvme, const char *kind)
{
	int err;

	err = nvme_probe(nvme);
	if (!err)
		err = nvme_stop(nvme);
	if (!err)
		err = dma_map(&nvme->session, PAGES * PAGE, &nvme->dma);
	if (!err)
		err = bus_master(&nvme->session, true);
	if (!err)
		err = irq_on(&nvme->session, kind, &nvme->irq);
	if (!err)
		err = nvme_start(nvme);
	if (!err)
		err = nvme_identify(nvme);
	if (!err)
		nvme_print_identity(nvme);
	return err;
}

int main(int argc, char **argv)
{
	struct nvme nvme = {.irq.fd = -1};
	int err;

	if (argc != 2 && argc != 3) {
		fprintf(stderr,
			"usage: nvme-identify DEVICE [msix|msi|intx]\n");
		return 2;
	}
	err = session_open(&nvme.session, argv[1]);
	if (!err) {
		err = nvme_drive(&nvme, argc == 3 ? argv[2] : NULL);
		if (nvme.cap && nvme_stop(&nvme) && !err)
			err = -EIO;
		irq_off(&nvme.session, &nvme.irq);
		if (bus_master(&nvme.session, false) && !err)
			err = -EIO;
		dma_unmap(&nvme.session, &nvme.dma);
	}
	session_close(&nvme.session);
	return err ? 1 : 0;
}
