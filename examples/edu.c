// SPDX-License-Identifier: MIT
// Drives QEMU's educational device from user space: a factorial, interrupts,
// and DMA in both directions.

#include <errno.h>
#include <inttypes.h>
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

#define ARGUMENT 10
#define RESULT   3628800

struct edu {
	struct session session;
	struct irq irq;
	struct dma dma;
};

/* Waits for the interrupt with @cause, and acknowledges it. */
static int edu_await(struct edu *edu, uint32_t cause)
{
	uint32_t status;
	int err;

	err = irq_wait(&edu->irq);
	if (!err)
		err = reg_read(&edu->session, EDU_IRQ_STATUS, &status);
	if (!err && status != cause)
		err = print_errno("an interrupt with another cause", -EPROTO);
	if (!err)
		err = reg_write(&edu->session, EDU_IRQ_ACK, status);
	return err ? err : irq_seen(&edu->session, &edu->irq);
}

static int edu_identify(struct edu *edu)
{
	uint32_t id;
	int err;

	err = lend_device_require(edu->session.device, LEND_DEVICE_PCI);
	if (err)
		return session_fail(&edu->session, err);
	err = pci_config_read(&edu->session, 0, &id);
	if (!err && id != PCI_ID)
		err = print_errno("not an edu device", -ENODEV);
	if (!err)
		err = reg_read(&edu->session, EDU_ID, &id);
	if (err)
		return err;
	printf("edu %u.%u\n", id >> 24, id >> 16 & 0xff);
	return 0;
}

static int edu_compute(struct edu *edu)
{
	uint32_t result;
	int err;

	err = reg_write(&edu->session, EDU_STATUS, STATUS_IRQ);
	if (!err)
		err = reg_write(&edu->session, EDU_FACTORIAL, ARGUMENT);
	if (!err)
		err = edu_await(edu, IRQ_FACTORIAL);
	if (!err)
		err = reg_read(&edu->session, EDU_FACTORIAL, &result);
	if (err)
		return err;
	if (result != RESULT)
		return print_errno("wrong factorial", -EPROTO);
	printf("factorial of %u, by %s: %" PRIu32 "\n", ARGUMENT, edu->irq.kind,
	       result);
	return 0;
}

/* Copies the device's memory to @iova, or from there. */
static int edu_transfer(struct edu *edu, uint64_t iova, bool from_device)
{
	const uint32_t memory = (uint32_t)iova;
	uint32_t command = DMA_RUN | DMA_IRQ;
	int err;

	if (iova > UINT32_MAX)
		return print_errno("the DMA address has more than 32 bits",
				   -ERANGE);
	if (from_device)
		command |= DMA_FROM_DEVICE;
	err = reg_write(&edu->session, EDU_DMA_SOURCE,
			from_device ? BUFFER : memory);
	if (!err)
		err = reg_write(&edu->session, EDU_DMA_TARGET,
				from_device ? memory : BUFFER);
	if (!err)
		err = reg_write(&edu->session, EDU_DMA_COUNT, BUFFER_SIZE);
	if (!err)
		err = reg_write(&edu->session, EDU_DMA_START, command);
	return err ? err : edu_await(edu, IRQ_DMA);
}

/* Copies a pattern to the device, and back to another page. */
static int edu_copy(struct edu *edu)
{
	uint8_t *out = edu->dma.memory;
	uint8_t *in = out + PAGE;
	int err;

	for (unsigned int i = 0; i < BUFFER_SIZE; i++)
		out[i] = (uint8_t)(i * 7 + i / 256);
	err = edu_transfer(edu, edu->dma.iova, false);
	if (!err)
		err = edu_transfer(edu, edu->dma.iova + PAGE, true);
	if (err)
		return err;
	if (memcmp(in, out, BUFFER_SIZE) != 0)
		return print_errno("DMA changed the pattern", -EPROTO);
	printf("DMA, by %s: %u bytes came back as they went\n", edu->irq.kind,
	       BUFFER_SIZE);
	return 0;
}

static int edu_drive(struct edu *edu, const char *kind)
{
	int err;

	err = edu_identify(edu);
	if (!err)
		err = dma_map(&edu->session, 2 * PAGE, &edu->dma);
	if (!err)
		err = bus_master(&edu->session, true);
	if (!err)
		err = irq_on(&edu->session, kind, &edu->irq);
	if (!err)
		err = edu_compute(edu);
	return err ? err : edu_copy(edu);
}

int main(int argc, char **argv)
{
	struct edu edu = {.irq.fd = -1};
	int err;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: edu DEVICE [msi|intx]\n");
		return 2;
	}
	err = session_open(&edu.session, argv[1]);
	if (!err) {
		err = edu_drive(&edu, argc == 3 ? argv[2] : NULL);
		irq_off(&edu.session, &edu.irq);
		if (bus_master(&edu.session, false) && !err)
			err = -EIO;
		dma_unmap(&edu.session, &edu.dma);
	}
	session_close(&edu.session);
	return err ? 1 : 0;
}
