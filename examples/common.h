/* SPDX-License-Identifier: MIT */
/* What the examples share: a device opened by name, memory it can reach, an
 * interrupt to wait for. */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/lend.h>

/* A device and what it takes to have it open. */
struct session {
	struct lend_ctx *ctx;
	struct lend_address *address;
	struct lend_iommu *iommu;
	struct lend_device *device;
};

/* Opens the device that @text names. Returns 0, or -errno with the reason on
 * stderr. session_close() is due either way. */
int session_open(struct session *session, const char *text);
void session_close(struct session *session);

/* Prints the context's record of what failed, for -errno @err. Returns it. */
int session_fail(const struct session *session, int err);

/* The same for what no library function recorded. */
int print_errno(const char *what, int err);

/* 32 bits of a PCI device's configuration space. Returns 0 or -errno, told. */
int pci_config_read(const struct session *session, unsigned int offset,
		    uint32_t *value);

/* A 32-bit register of BAR 0, little-endian as all of PCI. Returns 0 or -errno,
 * told. */
int reg_read(const struct session *session, unsigned int reg, uint32_t *value);
int reg_write(const struct session *session, unsigned int reg, uint32_t value);

/* Lets a PCI device do DMA and send messages, or no longer. Returns 0 or
 * -errno, told. */
int bus_master(const struct session *session, bool on);

/* Memory that the device reaches at @iova. */
struct dma {
	void *memory;
	uint64_t iova;
	uint64_t size;
};

/* Allocates @size bytes, whole pages of zeros. Returns 0 or -errno, told. */
int dma_map(const struct session *session, uint64_t size, struct dma *dma);
void dma_unmap(const struct session *session, struct dma *dma);

/* Interrupt 0 of an index, that signals an event descriptor. */
struct irq {
	unsigned int index;
	const char *kind;
	int fd;
};

/* Switches an interrupt on: of the @kind "msix", "msi" or "intx", or where it
 * is NULL of the first of these that the device has. Returns 0 or -errno,
 * told. irq_off() is due either way. */
int irq_on(const struct session *session, const char *kind, struct irq *irq);

/* The same for the index that @irq has. */
int irq_on_index(const struct session *session, struct irq *irq);

/* Waits five seconds at most. Returns 0, or -errno, told. */
int irq_wait(const struct irq *irq);

/* To be called when the device has been told that its interrupt was seen: one
 * of level masks itself when it fires. Returns 0 or -errno, told. */
int irq_seen(const struct session *session, const struct irq *irq);
void irq_off(const struct session *session, struct irq *irq);

#endif
