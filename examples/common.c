// SPDX-License-Identifier: MIT
// Shared by the examples: a device opened by name, memory for its DMA, an
// interrupt to wait for.

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "common.h"

#define PCI_COMMAND        4
#define PCI_COMMAND_MASTER 0x4

#define WAIT_MS 60000

/* Above ranges that devices and IOMMUs reserve, within reach of all devices. */
#define IOVA_LOW (1ull << 20)

int session_fail(const struct session *session, int err)
{
	const struct lend_error *e = lend_ctx_error(session->ctx);

	fprintf(stderr, "%s%s%s\n", e->device, *e->device ? ": " : "", e->what);
	if (*e->evidence)
		fprintf(stderr, "%s\n", e->evidence);
	if (*e->remedy)
		fprintf(stderr, "Fix: %s\n", e->remedy);
	return err;
}

int print_errno(const char *what, int err)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	return err;
}

int session_open(struct session *session, const char *text)
{
	int err;

	*session = (struct session){0};
	err = lend_ctx_new(NULL, &session->ctx);
	if (err)
		return print_errno("cannot make a context", err);
	err = lend_address_find(session->ctx, text, &session->address);
	if (!err)
		err = lend_iommu_new(session->ctx, NULL, &session->iommu);
	if (!err)
		err = lend_device_open(session->iommu, session->address, NULL,
				       &session->device);
	return err ? session_fail(session, err) : 0;
}

void session_close(struct session *session)
{
	lend_device_unref(session->device);
	lend_iommu_unref(session->iommu);
	lend_address_unref(session->address);
	lend_ctx_unref(session->ctx);
}

static int reg_read_at(const struct session *session, unsigned int region,
		       unsigned int offset, uint32_t *value)
{
	int err = lend_region_read(session->device, region, offset, value,
				   sizeof(*value));

	if (err)
		return print_errno("cannot read a register", err);
	*value = le32toh(*value);
	return 0;
}

int pci_config_read(const struct session *session, unsigned int offset,
		    uint32_t *value)
{
	return reg_read_at(session, LEND_PCI_REGION_CONFIG, offset, value);
}

int reg_read(const struct session *session, unsigned int reg, uint32_t *value)
{
	return reg_read_at(session, LEND_PCI_REGION_BAR(0), reg, value);
}

int reg_write(const struct session *session, unsigned int reg, uint32_t value)
{
	int err;

	value = htole32(value);
	err = lend_region_write(session->device, LEND_PCI_REGION_BAR(0), reg,
				&value, sizeof(value));
	return err ? print_errno("cannot write a register", err) : 0;
}

int bus_master(const struct session *session, bool on)
{
	struct lend_device *device = session->device;
	uint16_t command;
	int err;

	err = lend_region_read(device, LEND_PCI_REGION_CONFIG, PCI_COMMAND,
			       &command, sizeof(command));
	if (!err) {
		if (on)
			command |= htole16(PCI_COMMAND_MASTER);
		else
			command &= (uint16_t)~htole16(PCI_COMMAND_MASTER);
		err = lend_region_write(device, LEND_PCI_REGION_CONFIG,
					PCI_COMMAND, &command, sizeof(command));
	}
	return err ? print_errno("configuration space", err) : 0;
}

/* The lowest range of @size bytes that the IOMMU can map; nothing is mapped
 * yet. */
static int dma_find_iova(const struct session *session, uint64_t size,
			 uint64_t *iova)
{
	const struct lend_iova_range *ranges;
	unsigned int count;
	int err;

	err = lend_iommu_ranges(session->iommu, &ranges, &count);
	if (err)
		return session_fail(session, err);
	*iova = IOVA_LOW;
	for (unsigned int i = 0; i < count; i++) {
		if (ranges[i].first > *iova)
			*iova = ranges[i].first;
		if (ranges[i].last >= *iova && ranges[i].last - *iova >= size)
			return 0;
	}
	return count ? print_errno("no IOVA range for DMA", -ENOSPC) : 0;
}

int dma_map(const struct session *session, uint64_t size, struct dma *dma)
{
	int err;

	*dma = (struct dma){0};
	err = dma_find_iova(session, size, &dma->iova);
	if (err)
		return err;
	dma->memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (dma->memory == MAP_FAILED) {
		dma->memory = NULL;
		return print_errno("no memory for DMA", -errno);
	}
	err = lend_iommu_map(session->iommu, dma->iova, dma->memory, size,
			     LEND_DMA_READ | LEND_DMA_WRITE);
	if (err) {
		munmap(dma->memory, size);
		dma->memory = NULL;
		return session_fail(session, err);
	}
	dma->size = size;
	return 0;
}

void dma_unmap(const struct session *session, struct dma *dma)
{
	if (!dma->memory)
		return;
	/* The device may still access memory that could not be unmapped. */
	if (lend_iommu_unmap(session->iommu, dma->iova, dma->size))
		session_fail(session, 0);
	else
		munmap(dma->memory, dma->size);
	dma->memory = NULL;
}

static int irq_choose(const struct session *session, const char *kind,
		      struct irq *irq)
{
	static const struct irq kinds[] = {
		{LEND_PCI_IRQ_MSIX, "msix", -1},
		{LEND_PCI_IRQ_MSI, "msi", -1},
		{LEND_PCI_IRQ_INTX, "intx", -1},
	};

	for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		*irq = kinds[i];
		if (kind && strcmp(kind, irq->kind) != 0)
			continue;
		if (lend_device_irq(session->device, irq->index)->count)
			return 0;
	}
	return print_errno("the device has no such interrupt", -ENODEV);
}

int irq_on(const struct session *session, const char *kind, struct irq *irq)
{
	int result = irq_choose(session, kind, irq);

	return result ? result : irq_on_index(session, irq);
}

int irq_on_index(const struct session *session, struct irq *irq)
{
	int result;

	irq->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (irq->fd < 0)
		return print_errno("eventfd", -errno);
	result = lend_irq_set(session->device, irq->index, 0, 1, &irq->fd);
	if (result > 0)
		return print_errno("the host is out of interrupt vectors",
				   -ENOSPC);
	return result ? session_fail(session, result) : 0;
}

int irq_wait(const struct irq *irq)
{
	struct pollfd pollfd = {.fd = irq->fd, .events = POLLIN};
	uint64_t count;
	int ready;

	ready = poll(&pollfd, 1, WAIT_MS);
	if (ready < 0)
		return print_errno("poll", -errno);
	if (!ready)
		return print_errno("no interrupt came", -ETIMEDOUT);
	if (read(irq->fd, &count, sizeof(count)) != sizeof(count))
		return print_errno("eventfd", -errno);
	return 0;
}

int irq_seen(const struct session *session, const struct irq *irq)
{
	int err;

	if (!(lend_device_irq(session->device, irq->index)->flags &
	      LEND_IRQ_AUTOMASKED))
		return 0;
	err = lend_irq_unmask(session->device, irq->index, 0);
	return err ? session_fail(session, err) : 0;
}

void irq_off(const struct session *session, struct irq *irq)
{
	if (irq->fd < 0)
		return;
	if (lend_irq_disable(session->device, irq->index))
		session_fail(session, 0);
	close(irq->fd);
	irq->fd = -1;
}
