// SPDX-License-Identifier: MIT
// Drives QEMU's educational device from user space: a factorial, interrupts,
// and DMA in both directions.

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

/* Registers in BAR 0, as in QEMU's docs/specs/edu.rst. */
#define EDU_ID         0x00
#define EDU_FACTORIAL  0x08
#define EDU_STATUS     0x20
#define EDU_IRQ_STATUS 0x24
#define EDU_IRQ_ACK    0x64
#define EDU_DMA_SOURCE 0x80
#define EDU_DMA_TARGET 0x88
#define EDU_DMA_COUNT  0x90
#define EDU_DMA_START  0x98

#define PCI_ID          0x11e81234
#define STATUS_IRQ      0x80 /* interrupt when the factorial is ready */
#define IRQ_FACTORIAL   0x001
#define IRQ_DMA         0x100
#define DMA_RUN         0x1
#define DMA_FROM_DEVICE 0x2
#define DMA_IRQ         0x4

/* DMA address of the device's own 4 KiB. The example uses half of them:
 * QEMU 7.2 aborts when a transfer includes the last byte. */
#define BUFFER      0x40000
#define BUFFER_SIZE 2048
#define PAGE        4096

/* The device has 28 bits of addresses. */
#define EDU_DMA_LAST 0xfffffffu

#define ARGUMENT 10
#define RESULT   3628800

struct edu {
	struct session session;
	struct lend_registers *registers;
	struct lend_vectors *vectors;
	struct lend_dma *dma;
	const char *kind; /* of interrupt */
};

/* Waits for the interrupt with @cause, and acknowledges it. */
static int edu_await(struct edu *edu, uint32_t cause)
{
	uint32_t status;
	int err = irq_await(edu->vectors, 0);

	if (err)
		return err;
	status = lend_registers_read32(edu->registers, EDU_IRQ_STATUS);
	if (status != cause)
		return print_errno("an interrupt with another cause", -EPROTO);
	lend_registers_write32(edu->registers, EDU_IRQ_ACK, status);
	err = lend_vectors_unmask(edu->vectors, 0);
	return err ? session_fail(&edu->session, err) : 0;
}

static int edu_check_id(struct edu *edu)
{
	struct lend_device *device = edu->session.device;
	uint32_t id;
	int err;

	err = lend_device_require(device, LEND_DEVICE_PCI);
	if (err)
		return session_fail(&edu->session, err);
	err = lend_region_read(device, LEND_PCI_REGION_CONFIG, 0, &id,
			       sizeof(id));
	if (err)
		return print_errno("cannot read configuration space", err);
	if (le32toh(id) != PCI_ID)
		return print_errno("not an edu device", -ENODEV);
	return 0;
}

/* Everything that the device is used through. */
static int edu_set_up(struct edu *edu, const char *kind)
{
	struct lend_device *device = edu->session.device;
	int err;

	err = lend_registers_new(device, LEND_PCI_REGION_BAR(0),
				 &edu->registers);
	if (!err)
		err = lend_dma_new(edu->session.iommu, 2 * PAGE, EDU_DMA_LAST,
				   &edu->dma);
	if (!err)
		err = lend_vectors_new(device, irq_index_of(kind), 1,
				       &edu->vectors);
	if (!err)
		err = lend_device_bus_master(device, true);
	if (err)
		return session_fail(&edu->session, err);
	edu->kind = irq_index_word(lend_vectors_index(edu->vectors));
	return 0;
}

static int edu_compute(struct edu *edu)
{
	uint32_t result;
	int err;

	lend_registers_write32(edu->registers, EDU_STATUS, STATUS_IRQ);
	lend_registers_write32(edu->registers, EDU_FACTORIAL, ARGUMENT);
	err = edu_await(edu, IRQ_FACTORIAL);
	if (err)
		return err;
	result = lend_registers_read32(edu->registers, EDU_FACTORIAL);
	if (result != RESULT)
		return print_errno("wrong factorial", -EPROTO);
	printf("factorial of %u, by %s: %" PRIu32 "\n", ARGUMENT, edu->kind,
	       result);
	return 0;
}

/* Copies the device's memory to @iova, or from there. */
static int edu_transfer(struct edu *edu, uint64_t iova, bool from_device)
{
	const uint32_t memory = (uint32_t)iova;
	uint32_t command = DMA_RUN | DMA_IRQ;

	if (from_device)
		command |= DMA_FROM_DEVICE;
	lend_registers_write32(edu->registers, EDU_DMA_SOURCE,
			       from_device ? BUFFER : memory);
	lend_registers_write32(edu->registers, EDU_DMA_TARGET,
			       from_device ? memory : BUFFER);
	lend_registers_write32(edu->registers, EDU_DMA_COUNT, BUFFER_SIZE);
	lend_registers_write32(edu->registers, EDU_DMA_START, command);
	return edu_await(edu, IRQ_DMA);
}

/* Copies a pattern to the device, and back to another page. */
static int edu_copy(struct edu *edu)
{
	uint64_t iova = lend_dma_iova(edu->dma);
	uint8_t *out = lend_dma_vaddr(edu->dma);
	uint8_t *in = out + PAGE;
	int err;

	for (unsigned int i = 0; i < BUFFER_SIZE; i++)
		out[i] = (uint8_t)(i * 7 + i / 256);
	err = edu_transfer(edu, iova, false);
	if (!err)
		err = edu_transfer(edu, iova + PAGE, true);
	if (err)
		return err;
	if (memcmp(in, out, BUFFER_SIZE) != 0)
		return print_errno("DMA changed the pattern", -EPROTO);
	printf("DMA, by %s: %u bytes came back as they went\n", edu->kind,
	       BUFFER_SIZE);
	return 0;
}

static int edu_drive(struct edu *edu, const char *kind)
{
	uint32_t id;
	int err = edu_check_id(edu);

	if (!err)
		err = edu_set_up(edu, kind);
	if (err)
		return err;
	id = lend_registers_read32(edu->registers, EDU_ID);
	printf("edu %u.%u\n", id >> 24, id >> 16 & 0xff);
	err = edu_compute(edu);
	return err ? err : edu_copy(edu);
}

static void edu_close(struct edu *edu)
{
	if (edu->registers &&
	    lend_device_bus_master(edu->session.device, false))
		session_fail(&edu->session, 0);
	lend_vectors_free(edu->vectors);
	lend_dma_free(edu->dma);
	lend_registers_free(edu->registers);
	session_close(&edu->session);
}

int main(int argc, char **argv)
{
	struct edu edu = {0};
	int err;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: edu DEVICE [msi|intx]\n");
		return 2;
	}
	err = session_open(&edu.session, argv[1]);
	if (!err)
		err = edu_drive(&edu, argc == 3 ? argv[2] : NULL);
	edu_close(&edu);
	return err ? 1 : 0;
}
