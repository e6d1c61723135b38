/* SPDX-License-Identifier: MIT */
/* Shared by the examples: a device opened by name, memory for its DMA, an
 * interrupt to wait for. */
#ifndef EXAMPLES_COMMON_H
#define EXAMPLES_COMMON_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/lend.h>

/* An open device, and all that it holds. */
struct session {
	struct lend_ctx *ctx;
	struct lend_address *address;
	struct lend_iommu *iommu;
	struct lend_device *device;
};

/*
 * The functions below print their errors on stderr.
 *
 * Opens the device that @text names; call session_close() even after an error.
 * Returns 0 or -errno.
 */
int session_open(struct session *session, const char *text);
void session_close(struct session *session);

/* Prints the context's error record, for -errno @err. Returns @err. */
int session_fail(const struct session *session, int err);

/* The same for an error that is not of the library. */
int print_errno(const char *what, int err);

/* Reads 32 bits of a PCI device's configuration space. Returns 0 or -errno. */
int pci_config_read(const struct session *session, unsigned int offset,
		    uint32_t *value);

/* A 32-bit little-endian register of BAR 0. Returns 0 or -errno. */
int reg_read(const struct session *session, unsigned int reg, uint32_t *value);
int reg_write(const struct session *session, unsigned int reg, uint32_t value);

/* Enables or disables a PCI device's DMA and MSI. Returns 0 or -errno. */
int bus_master(const struct session *session, bool on);

/* Memory that the device accesses at @iova. */
struct dma {
	void *memory;
	uint64_t iova;
	uint64_t size;
};

/* Allocates and maps @size bytes, whole pages of zeros. Returns 0 or -errno. */
int dma_map(const struct session *session, uint64_t size, struct dma *dma);
void dma_unmap(const struct session *session, struct dma *dma);

/* Vector 0 of an interrupt index, which signals an eventfd. */
struct irq {
	unsigned int index;
	const char *kind;
	int fd;
};

/* Enables an interrupt of the @kind "msix", "msi" or "intx", or with NULL of
 * the first of these that the device has; call irq_off() even after an error.
 * Returns 0 or -errno. */
int irq_on(const struct session *session, const char *kind, struct irq *irq);

/* The same for the index of @irq. */
int irq_on_index(const struct session *session, struct irq *irq);

/* Waits a minute at most. Returns 0 or -errno. */
int irq_wait(const struct irq *irq);

/* Call it after the device's interrupt was acknowledged: VFIO masks a
 * level-triggered one when it fires, and this unmasks it. Returns 0 or -errno.
 */
int irq_seen(const struct session *session, const struct irq *irq);
void irq_off(const struct session *session, struct irq *irq);

#endif
