// SPDX-License-Identifier: MIT
// Registers of a region: accesses of 8 to 64 bits, in order with memory.

#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include <lend/registers.h>

#include "lib/base/context.h"
#include "lib/device/device.h"
#include "lib/device/fence.h"

struct lend_registers {
	struct lend_device *device;
	unsigned int index;
	const struct lend_region *region;
	atomic_bool warned; /* the only member that changes */
	unsigned int count; /* areas that are mapped, the first ones */
	char *vaddrs[];     /* one for each area of the region */
};

static int registers_map(struct lend_registers *registers)
{
	const struct lend_region *region = registers->region;
	void *vaddr;
	int err;

	for (unsigned int i = 0; i < region->area_count; i++) {
		err = lend_region_map(registers->device, registers->index,
				      region->areas[i].offset,
				      region->areas[i].size, &vaddr);
		if (err)
			return err;
		registers->vaddrs[registers->count++] = vaddr;
	}
	return 0;
}

static int registers_allocate(struct lend_device *device, unsigned int index,
			      struct lend_registers **result)
{
	const struct lend_region *region = lend_device_region(device, index);
	struct lend_registers *registers;

	registers = calloc(1, sizeof(*registers) +
				      region->area_count *
					      sizeof(registers->vaddrs[0]));
	if (!registers)
		return error_no_memory(device->ctx, lend_device_name(device));
	registers->device = lend_device_ref(device);
	registers->index = index;
	registers->region = region;
	*result = registers;
	return 0;
}

int lend_registers_new(struct lend_device *device, unsigned int index,
		       struct lend_registers **result)
{
	struct lend_registers *registers = NULL;
	int err;

	if (!lend_device_region(device, index)->size)
		return lend_error_set(device->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      lend_device_name(device),
				      "the device has no region %u", index);
	err = registers_allocate(device, index, &registers);
	if (err)
		return err;
	err = registers_map(registers);
	if (err)
		lend_registers_free(registers);
	else
		*result = registers;
	return err;
}

void lend_registers_free(struct lend_registers *registers)
{
	if (!registers)
		return;
	for (unsigned int i = 0; i < registers->count; i++)
		lend_region_unmap(registers->device, registers->vaddrs[i],
				  registers->region->areas[i].size);
	lend_device_unref(registers->device);
	free(registers);
}

void *lend_registers_at(const struct lend_registers *registers, uint64_t offset,
			uint64_t size)
{
	for (unsigned int i = 0; size && i < registers->count; i++) {
		const struct lend_area *area = &registers->region->areas[i];

		if (offset >= area->offset && size <= area->size &&
		    offset - area->offset <= area->size - size)
			return registers->vaddrs[i] + (offset - area->offset);
	}
	return NULL;
}

static void registers_warn(const struct lend_registers *registers,
			   const char *what, uint64_t offset, size_t size)
{
	struct lend_registers *own =
		(struct lend_registers *)(uintptr_t)registers;
	struct lend_device *device = registers->device;

	if (!atomic_exchange_explicit(&own->warned, true, memory_order_relaxed))
		lend_log(device->ctx, LEND_LOG_WARNING,
			 "%s: cannot %s %zu bytes at offset 0x%llx of region "
			 "%u; further failures are not logged",
			 lend_device_name(device), what, size,
			 (unsigned long long)offset, registers->index);
}

/* Where a register is mapped for an access, or NULL. */
static void *register_at(const struct lend_registers *registers,
			 uint64_t offset, size_t size, uint32_t access)
{
	if (!(registers->region->flags & access))
		return NULL;
	return lend_registers_at(registers, offset, size);
}

/* Reads a register that is not mapped. All ones is what a bus gives where
 * nothing answers. */
static void register_fetch(const struct lend_registers *registers,
			   uint64_t offset, void *value, size_t size)
{
	unsigned char *bytes = value;

	if (!(offset % size) &&
	    !lend_region_read(registers->device, registers->index, offset,
			      value, size))
		return;
	for (size_t i = 0; i < size; i++)
		bytes[i] = 0xff;
	registers_warn(registers, "read", offset, size);
}

static void register_store(const struct lend_registers *registers,
			   uint64_t offset, const void *value, size_t size)
{
	if (offset % size ||
	    lend_region_write(registers->device, registers->index, offset,
			      value, size))
		registers_warn(registers, "write", offset, size);
}

uint8_t lend_registers_read8(const struct lend_registers *registers,
			     uint64_t offset)
{
	const volatile uint8_t *at =
		register_at(registers, offset, 1, LEND_REGION_READ);
	uint8_t value;

	if (at)
		value = *at;
	else
		register_fetch(registers, offset, &value, sizeof(value));
	fence_after_read();
	return value;
}

uint16_t lend_registers_read16(const struct lend_registers *registers,
			       uint64_t offset)
{
	const volatile uint16_t *at =
		register_at(registers, offset, 2, LEND_REGION_READ);
	uint16_t value;

	if (at && !(offset % sizeof(value)))
		value = *at;
	else
		register_fetch(registers, offset, &value, sizeof(value));
	fence_after_read();
	return le16toh(value);
}

uint32_t lend_registers_read32(const struct lend_registers *registers,
			       uint64_t offset)
{
	const volatile uint32_t *at =
		register_at(registers, offset, 4, LEND_REGION_READ);
	uint32_t value;

	if (at && !(offset % sizeof(value)))
		value = *at;
	else
		register_fetch(registers, offset, &value, sizeof(value));
	fence_after_read();
	return le32toh(value);
}

uint64_t lend_registers_read64(const struct lend_registers *registers,
			       uint64_t offset)
{
	const volatile uint64_t *at =
		register_at(registers, offset, 8, LEND_REGION_READ);
	uint64_t value;

	if (at && !(offset % sizeof(value)))
		value = *at;
	else
		register_fetch(registers, offset, &value, sizeof(value));
	fence_after_read();
	return le64toh(value);
}

void lend_registers_write8(const struct lend_registers *registers,
			   uint64_t offset, uint8_t value)
{
	volatile uint8_t *at =
		register_at(registers, offset, 1, LEND_REGION_WRITE);

	fence_before_write();
	if (at)
		*at = value;
	else
		register_store(registers, offset, &value, sizeof(value));
}

void lend_registers_write16(const struct lend_registers *registers,
			    uint64_t offset, uint16_t value)
{
	volatile uint16_t *at =
		register_at(registers, offset, 2, LEND_REGION_WRITE);

	value = htole16(value);
	fence_before_write();
	if (at && !(offset % sizeof(value)))
		*at = value;
	else
		register_store(registers, offset, &value, sizeof(value));
}

void lend_registers_write32(const struct lend_registers *registers,
			    uint64_t offset, uint32_t value)
{
	volatile uint32_t *at =
		register_at(registers, offset, 4, LEND_REGION_WRITE);

	value = htole32(value);
	fence_before_write();
	if (at && !(offset % sizeof(value)))
		*at = value;
	else
		register_store(registers, offset, &value, sizeof(value));
}

void lend_registers_write64(const struct lend_registers *registers,
			    uint64_t offset, uint64_t value)
{
	volatile uint64_t *at =
		register_at(registers, offset, 8, LEND_REGION_WRITE);

	value = htole64(value);
	fence_before_write();
	if (at && !(offset % sizeof(value)))
		*at = value;
	else
		register_store(registers, offset, &value, sizeof(value));
}
