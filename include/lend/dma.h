/* SPDX-License-Identifier: MIT */
/* Memory for DMA: buffers that a program and its devices share. */
#ifndef LEND_DMA_H
#define LEND_DMA_H

#include <stdint.h>

#include <lend/iommu.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_dma - a buffer that devices reach by DMA
 *
 * Opaque. Not reference-counted: lend_dma_free() frees it. It holds a reference
 * to its address space.
 *
 * Since: 0.1
 */
struct lend_dma;

/**
 * lend_dma_new() - allocate memory and map it for DMA
 * @iommu: address space with at least one open device
 * @size:  bytes, more than 0; rounded up to whole pages
 * @last:  highest address that the devices can use, as for lend_iommu_map_any()
 * @dma:   receives the buffer; lend_dma_free() frees it
 *
 * The memory is zero, and devices may read and write it. A child process does
 * not inherit it: after a fork() the device would write to the memory of one
 * process, and the other would wait in vain.
 *
 * Returns: 0, or as lend_iommu_map_any().
 *
 * Since: 0.1
 */
int lend_dma_new(struct lend_iommu *iommu, uint64_t size, uint64_t last,
		 struct lend_dma **dma);

/**
 * lend_dma_free() - unmap a buffer and free its memory
 * @dma: buffer, or NULL
 *
 * Stop the devices first: lend_device_bus_master() does it for good. If the
 * kernel cannot unmap the buffer, a warning is logged, and the memory is kept,
 * as devices may still write to it. Cannot fail.
 *
 * Since: 0.1
 */
void lend_dma_free(struct lend_dma *dma);

/**
 * lend_dma_vaddr() - get the memory of a buffer
 * @dma: buffer
 *
 * Returns: its first byte, at the start of a page; borrowed. Cannot fail.
 *
 * Since: 0.1
 */
void *lend_dma_vaddr(const struct lend_dma *dma);

/**
 * lend_dma_iova() - get the address of a buffer for devices
 * @dma: buffer
 *
 * Returns: the I/O virtual address of its first byte. Cannot fail.
 *
 * Since: 0.1
 */
uint64_t lend_dma_iova(const struct lend_dma *dma);

/**
 * lend_dma_size() - get the size of a buffer
 * @dma: buffer
 *
 * Returns: bytes, whole pages. Cannot fail.
 *
 * Since: 0.1
 */
uint64_t lend_dma_size(const struct lend_dma *dma);

/**
 * lend_dma_fence() - order accesses to memory that a device accesses too
 *
 * What the program read or wrote before it is ordered before what it reads or
 * writes after it, as devices see it. For queues in memory: between the flag
 * that says that a device has written an entry and the rest of the entry.
 * lend_registers_write32() and its like have a fence of their own, and so does
 * the wait for an interrupt. Cannot fail.
 *
 * Since: 0.1
 */
void lend_dma_fence(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
