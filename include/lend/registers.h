/* SPDX-License-Identifier: MIT */
/* Registers of an open device, for user-space drivers. */
#ifndef LEND_REGISTERS_H
#define LEND_REGISTERS_H

#include <stdint.h>

#include <lend/device.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_registers - a region of a device, mapped as far as it can be
 *
 * Opaque. Not reference-counted: lend_registers_free() frees it. It holds a
 * reference to its device. Several threads may use it at once.
 *
 * Since: 0.1
 */
struct lend_registers;

/**
 * lend_registers_new() - map a region of a device for access by offset
 * @device:    device
 * @index:     region index, such as LEND_PCI_REGION_BAR(0) or
 *             LEND_PCI_REGION_CONFIG
 * @registers: receives the mapped region; lend_registers_free() frees it
 *
 * Maps all areas of the region. What cannot be mapped, such as I/O ports,
 * configuration space and the pages of the MSI-X table, is accessed by system
 * calls: lend_registers_read32() and its like work for the whole region, and
 * are faster where it is mapped.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_ARGUMENT: the device does not have the region;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno of mmap(), LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_registers_new(struct lend_device *device, unsigned int index,
		       struct lend_registers **registers);

/**
 * lend_registers_free() - unmap a region
 * @registers: mapped region, or NULL
 *
 * Pointers from lend_registers_at() are invalid afterwards. Cannot fail.
 *
 * Since: 0.1
 */
void lend_registers_free(struct lend_registers *registers);

/**
 * lend_registers_at() - get a pointer to part of a region
 * @registers: mapped region
 * @offset:    bytes from the start of the region
 * @size:      bytes, more than 0
 *
 * For memory on a device, such as frame buffers. Accesses through the pointer
 * have no fences. Memory that the device does not decode, as after a program
 * has cleared the enable bit in the command register, raises SIGBUS.
 *
 * Returns: the first byte, borrowed; NULL if the part is not in one mapped
 * area. Makes no record.
 *
 * Since: 0.1
 */
void *lend_registers_at(const struct lend_registers *registers, uint64_t offset,
			uint64_t size);

/**
 * lend_registers_read8() - read a register of 8 bits
 * @registers: mapped region
 * @offset:    bytes from the start of the region
 *
 * Returns: the value; all ones if it cannot be read, or is not within the
 * region, for which a warning is logged once. Makes no record.
 *
 * Since: 0.1
 */
uint8_t lend_registers_read8(const struct lend_registers *registers,
			     uint64_t offset);

/**
 * lend_registers_read16() - read a register of 16 bits
 * @registers: mapped region
 * @offset:    bytes from the start of the region, a multiple of 2
 *
 * As lend_registers_read32().
 *
 * Returns: the value of the little-endian register, or all ones. Makes no
 * record.
 *
 * Since: 0.1
 */
uint16_t lend_registers_read16(const struct lend_registers *registers,
			       uint64_t offset);

/**
 * lend_registers_read32() - read a register of 32 bits
 * @registers: mapped region
 * @offset:    bytes from the start of the region, a multiple of 4
 *
 * One access of that size. It is complete before the program's later accesses
 * to memory: what a device had written by DMA before it answered is seen.
 *
 * Returns: the value of the little-endian register; all ones if it cannot be
 * read, is not aligned or not within the region, for which a warning is logged
 * once. A device that is gone reads as all ones too. Makes no record.
 *
 * Since: 0.1
 */
uint32_t lend_registers_read32(const struct lend_registers *registers,
			       uint64_t offset);

/**
 * lend_registers_read64() - read a register of 64 bits
 * @registers: mapped region
 * @offset:    bytes from the start of the region, a multiple of 8
 *
 * As lend_registers_read32(). A processor of 32 bits makes two accesses, and so
 * may the kernel where the region is not mapped.
 *
 * Returns: the value of the little-endian register, or all ones. Makes no
 * record.
 *
 * Since: 0.1
 */
uint64_t lend_registers_read64(const struct lend_registers *registers,
			       uint64_t offset);

/**
 * lend_registers_write8() - write a register of 8 bits
 * @registers: mapped region
 * @offset:    bytes from the start of the region
 * @value:     value to write
 *
 * As lend_registers_write32().
 *
 * Since: 0.1
 */
void lend_registers_write8(const struct lend_registers *registers,
			   uint64_t offset, uint8_t value);

/**
 * lend_registers_write16() - write a register of 16 bits
 * @registers: mapped region
 * @offset:    bytes from the start of the region, a multiple of 2
 * @value:     value to write, which becomes little-endian
 *
 * As lend_registers_write32().
 *
 * Since: 0.1
 */
void lend_registers_write16(const struct lend_registers *registers,
			    uint64_t offset, uint16_t value);

/**
 * lend_registers_write32() - write a register of 32 bits
 * @registers: mapped region
 * @offset:    bytes from the start of the region, a multiple of 4
 * @value:     value to write, which becomes little-endian
 *
 * One access of that size. The program's earlier accesses to memory are
 * complete before it: a device that the register makes read memory by DMA finds
 * what the program wrote there. The write may still be on its way to the device
 * when the function returns; a read of a register of the device waits for it.
 *
 * What cannot be written, is not aligned or not within the region has no
 * effect, and a warning is logged once. Makes no record.
 *
 * Since: 0.1
 */
void lend_registers_write32(const struct lend_registers *registers,
			    uint64_t offset, uint32_t value);

/**
 * lend_registers_write64() - write a register of 64 bits
 * @registers: mapped region
 * @offset:    bytes from the start of the region, a multiple of 8
 * @value:     value to write, which becomes little-endian
 *
 * As lend_registers_write32(). A processor of 32 bits makes two accesses, and
 * so may the kernel where the region is not mapped.
 *
 * Since: 0.1
 */
void lend_registers_write64(const struct lend_registers *registers,
			    uint64_t offset, uint64_t value);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
