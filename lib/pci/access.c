// SPDX-License-Identifier: MIT
// Dispatches guest accesses to the view, MSI-X, a quirk or the device, and
// applies the effects of writes.

#include <string.h>

#include <linux/pci_regs.h>

#include <lend/client.h>
#include <lend/region.h>

#include "lib/base/bytes.h"
#include "lib/pci/access.h"
#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/pci/decode.h"
#include "lib/pci/function.h"
#include "lib/pci/hole.h"
#include "lib/pci/interrupt.h"
#include "lib/pci/message.h"
#include "lib/pci/msix.h"
#include "lib/pci/quirk/quirk.h"
#include "lib/pci/reset.h"
#include "lib/pci/rom.h"
#include "lib/pci/vector.h"
#include "lib/pci/vga.h"

/* The pending bits are kept by the eventfds. */
static void refresh_pending(struct lend_pci *pci, unsigned int offset,
			    unsigned int size)
{
	unsigned int at = message_msi_pending(&pci->config);

	if (!at || !config_touches(offset, size, at, 4))
		return;
	bytes_put(pci->config.value + at, 4,
		  vectors_pending(pci, &pci->msi, 0, pci->msi.count));
}

/* The masks are constant, so no lock is needed. */
static void ask_device(struct lend_pci *pci, unsigned int offset,
		       unsigned int size, uint8_t device[4])
{
	memset(device, 0xff, 4);
	if (config_read_needs_device(&pci->config, offset, size) &&
	    lend_region_read(pci->device, LEND_PCI_REGION_CONFIG, offset,
			     device, size))
		memset(device, 0xff, 4);
}

static uint32_t read_locked(struct lend_pci *pci, unsigned int offset,
			    unsigned int size, const uint8_t device[4])
{
	refresh_pending(pci, offset, size);
	return config_merge(&pci->config, offset, size, device);
}

uint32_t access_config_read(struct lend_pci *pci, unsigned int offset,
			    unsigned int size)
{
	uint8_t device[4];

	ask_device(pci, offset, size, device);
	return read_locked(pci, offset, size, device);
}

uint32_t lend_pci_config_read(struct lend_pci *pci, unsigned int offset,
			      unsigned int size)
{
	uint8_t device[4];
	uint32_t value;

	if (!config_access_valid(offset, size))
		return 0xffffffff;
	ask_device(pci, offset, size, device);
	/* Nothing answers for one that was pulled out, not even the view. */
	if (lend_device_is_lost(pci->device))
		return 0xffffffff;
	pthread_mutex_lock(&pci->lock);
	value = read_locked(pci, offset, size, device);
	pthread_mutex_unlock(&pci->lock);
	return value;
}

/* A failure is not retried at writes to other registers. */
static bool moves_interrupts(const struct config *config, unsigned int offset,
			     unsigned int size)
{
	return config_touches(offset, size, PCI_COMMAND, 2) ||
	       (config->msi && config_touches(offset, size, config->msi, 24)) ||
	       (config->msix && config_touches(offset, size, config->msix, 4));
}

void access_config_write(struct lend_pci *pci, unsigned int offset,
			 unsigned int size, uint32_t value)
{
	struct config_effect effect =
		config_apply_write(&pci->config, offset, size, value);
	unsigned int i;

	if (effect.reset) {
		reset_own_locked(pci);
		return;
	}
	for (i = 0; i < BAR_COUNT; i++)
		bar_written(&pci->bars[i], &pci->config, offset, size);
	decode_withdraw(pci);
	if (effect.size)
		lend_region_write(pci->device, LEND_PCI_REGION_CONFIG,
				  effect.offset, effect.data, effect.size);
	decode_place(pci);
	if (moves_interrupts(&pci->config, offset, size))
		interrupt_update(pci);
}

bool lend_pci_config_write(struct lend_pci *pci, unsigned int offset,
			   unsigned int size, uint32_t value)
{
	bool dropped;

	if (!config_access_valid(offset, size))
		return false;
	pthread_mutex_lock(&pci->lock);
	pci->dropped = false;
	access_config_write(pci, offset, size, value);
	dropped = pci->dropped;
	pthread_mutex_unlock(&pci->lock);
	return dropped;
}

/* Whether an access is of 1 to 8 bytes and within the BAR. */
static bool access_valid(const struct lend_pci *pci, unsigned int bar,
			 uint64_t offset, unsigned int size)
{
	uint64_t end = lend_pci_bar(pci, bar)->size;

	return size >= 1 && size <= 8 && offset <= end && size <= end - offset;
}

bool access_within(uint64_t offset, unsigned int *size, uint64_t start,
		   uint64_t length)
{
	if (offset >= start && offset - start < length) {
		if (*size > start + length - offset)
			*size = (unsigned int)(start + length - offset);
		return true;
	}
	if (offset < start && start - offset < *size)
		*size = (unsigned int)(start - offset);
	return false;
}

void access_device_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			uint8_t *data, unsigned int size)
{
	unsigned int part;

	if (bar >= VGA_FIRST) {
		vga_read(pci, bar, offset, data, size);
		return;
	}
	for (; size; size -= part, offset += part, data += part) {
		part = size;
		if (hole_at(pci, bar, offset, &part))
			hole_read(pci, offset, data, part);
		else if (lend_region_read(pci->device, bar, offset, data, part))
			memset(data, 0xff, part);
	}
}

void access_device_write(struct lend_pci *pci, unsigned int bar,
			 uint64_t offset, const uint8_t *data,
			 unsigned int size)
{
	unsigned int part;

	if (bar >= VGA_FIRST) {
		vga_write(pci, bar, offset, data, size);
		return;
	}
	for (; size; size -= part, offset += part, data += part) {
		part = size;
		if (hole_at(pci, bar, offset, &part))
			hole_write(pci, offset, data, part);
		else
			lend_region_write(pci->device, bar, offset, data, part);
	}
}

/* What handles the next bytes of an access. */
struct part {
	unsigned int size;
	enum msix_part msix;
	const struct quirk_trap *trap; /* NULL: the device, or MSI-X */
	bool hole;                     /* the device, through a mapping */
};

static struct part part_at(const struct lend_pci *pci, unsigned int bar,
			   uint64_t offset, unsigned int size)
{
	struct part part = {.size = size};

	part.msix = msix_part(&pci->layout, bar, offset, &part.size);
	if (part.msix == MSIX_NEITHER)
		part.trap = quirk_trap_at(pci, bar, offset, &part.size);
	part.hole = hole_at(pci, bar, offset, &part.size);
	return part;
}

/* Several threads may access the device at once, as the kernel allows; what is
 * emulated needs the lock. */
static bool access_is_own(const struct part *part)
{
	return part->msix == MSIX_NEITHER && !part->trap && !part->hole;
}

static void read_part(struct lend_pci *pci, unsigned int bar, uint64_t offset,
		      uint8_t *data, const struct part *part)
{
	const struct quirk_trap *trap = part->trap;

	if (access_is_own(part)) {
		access_device_read(pci, bar, offset, data, part->size);
		return;
	}
	pthread_mutex_lock(&pci->lock);
	if (trap)
		trap->read(pci, trap, (unsigned int)(offset - trap->offset),
			   data, part->size);
	else if (part->hole)
		access_device_read(pci, bar, offset, data, part->size);
	else if (part->msix == MSIX_TABLE)
		msix_table_read(pci, offset - pci->layout.table, data,
				part->size);
	else
		msix_pba_read(pci, offset - pci->layout.pba, data, part->size);
	pthread_mutex_unlock(&pci->lock);
}

/* Pending bits are read-only. Returns whether a BAR was dropped. */
static bool write_part(struct lend_pci *pci, unsigned int bar, uint64_t offset,
		       const uint8_t *data, const struct part *part)
{
	const struct quirk_trap *trap = part->trap;
	bool dropped;

	if (access_is_own(part)) {
		access_device_write(pci, bar, offset, data, part->size);
		return false;
	}
	pthread_mutex_lock(&pci->lock);
	pci->dropped = false;
	if (trap)
		trap->write(pci, trap, (unsigned int)(offset - trap->offset),
			    data, part->size);
	else if (part->hole)
		access_device_write(pci, bar, offset, data, part->size);
	else if (part->msix == MSIX_TABLE)
		msix_table_write(pci, offset - pci->layout.table, data,
				 part->size);
	dropped = pci->dropped;
	pthread_mutex_unlock(&pci->lock);
	return dropped;
}

void lend_pci_bar_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
		       void *data, unsigned int size)
{
	uint8_t *bytes = data;
	struct part part;

	if (!access_valid(pci, bar, offset, size)) {
		memset(data, 0xff, size <= 8 ? size : 0);
		return;
	}
	if (bar == LEND_PCI_BAR_ROM) {
		pthread_mutex_lock(&pci->lock);
		rom_read(pci, offset, data, size);
		pthread_mutex_unlock(&pci->lock);
		return;
	}
	for (; size; size -= part.size, offset += part.size) {
		part = part_at(pci, bar, offset, size);
		read_part(pci, bar, offset, bytes, &part);
		bytes += part.size;
	}
}

bool lend_pci_bar_write(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			const void *data, unsigned int size)
{
	const uint8_t *bytes = data;
	bool dropped = false;
	struct part part;

	if (!access_valid(pci, bar, offset, size) || bar == LEND_PCI_BAR_ROM)
		return false;
	for (; size; size -= part.size, offset += part.size) {
		part = part_at(pci, bar, offset, size);
		dropped |= write_part(pci, bar, offset, bytes, &part);
		bytes += part.size;
	}
	return dropped;
}
