// SPDX-License-Identifier: MIT
// Accesses to registers that the kernel takes for an MSI-X table although the
// view hides the capability.

#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include <lend/region.h>

#include "lib/base/bytes.h"
#include "lib/device/msix-hole.h"
#include "lib/pci/access.h"
#include "lib/pci/bar.h"
#include "lib/pci/function.h"
#include "lib/pci/hole.h"
#include "lib/pci/pci.h"

static int hole_map(struct lend_pci *pci, const struct lend_region *region,
		    struct hole *hole)
{
	uint64_t mask = (uint64_t)sysconf(_SC_PAGESIZE) - 1;
	uint64_t end = (hole->offset + hole->size + mask) & ~mask;

	hole->map_offset = hole->offset & ~mask;
	if (end > region->size)
		end = region->size;
	hole->map_size = end - hole->map_offset;
	return lend_region_map(pci->device, hole->bar, hole->map_offset,
			       hole->map_size, &hole->vaddr);
}

void hole_init(struct lend_pci *pci)
{
	const struct msix_hole *kernel = device_msix_hole(pci->device);
	const struct lend_region *region =
		lend_device_region(pci->device, kernel->bar);
	struct hole hole = {
		kernel->bar, kernel->table.offset, kernel->table.size, 0, 0,
		NULL};
	bool warned = false;

	device_release_msix(pci->device, !pci->layout.count);
	if (pci->layout.count || !hole.size || hole.bar >= LEND_PCI_BAR_ROM ||
	    !pci->bars[hole.bar].guest.size || hole.offset >= region->size)
		return;
	if (hole.size > region->size - hole.offset)
		hole.size = region->size - hole.offset;
	if (!hole_map(pci, region, &hole))
		pci->hole = hole;
	else
		pci_warn_once(pci, &warned, 0,
			      "the guest cannot use registers 0x%llx to 0x%llx "
			      "of BAR %u: the kernel takes them for the MSI-X "
			      "table, and does not let them be mapped",
			      (unsigned long long)hole.offset,
			      (unsigned long long)(hole.offset + hole.size - 1),
			      hole.bar);
}

void hole_destroy(struct lend_pci *pci)
{
	if (pci->hole.size)
		lend_region_unmap(pci->device, pci->hole.vaddr,
				  pci->hole.map_size);
}

bool hole_at(const struct lend_pci *pci, unsigned int bar, uint64_t offset,
	     unsigned int *size)
{
	const struct hole *hole = &pci->hole;

	return hole->size && bar == hole->bar &&
	       access_within(offset, size, hole->offset, hole->size);
}

/* The device is asked too: a fault would end the process. */
static bool hole_decodes(struct lend_pci *pci)
{
	uint8_t command[2];

	return bar_decodes(&pci->bars[pci->hole.bar], &pci->config) &&
	       !lend_region_read(pci->device, LEND_PCI_REGION_CONFIG,
				 PCI_COMMAND, command, sizeof(command)) &&
	       bytes_get(command, 2) & PCI_COMMAND_MEMORY;
}

/* The largest access of 4 bytes at most that is aligned: as the kernel does. */
static unsigned int hole_step(uint64_t offset, unsigned int size)
{
	unsigned int step = 4;

	while (step > size || offset % step)
		step /= 2;
	return step;
}

static volatile void *hole_address(const struct hole *hole, uint64_t offset)
{
	return (char *)hole->vaddr + (offset - hole->map_offset);
}

void hole_read(struct lend_pci *pci, uint64_t offset, uint8_t *data,
	       unsigned int size)
{
	unsigned int step;

	memset(data, 0xff, size);
	if (!hole_decodes(pci))
		return;
	for (; size; size -= step, offset += step, data += step) {
		volatile void *at = hole_address(&pci->hole, offset);
		uint32_t word;
		uint16_t half;

		step = hole_step(offset, size);
		if (step == 4) {
			word = *(volatile uint32_t *)at;
			memcpy(data, &word, sizeof(word));
		} else if (step == 2) {
			half = *(volatile uint16_t *)at;
			memcpy(data, &half, sizeof(half));
		} else {
			*data = *(volatile uint8_t *)at;
		}
	}
}

void hole_write(struct lend_pci *pci, uint64_t offset, const uint8_t *data,
		unsigned int size)
{
	unsigned int step;

	if (!hole_decodes(pci))
		return;
	for (; size; size -= step, offset += step, data += step) {
		volatile void *at = hole_address(&pci->hole, offset);
		uint32_t word;
		uint16_t half;

		step = hole_step(offset, size);
		if (step == 4) {
			memcpy(&word, data, sizeof(word));
			*(volatile uint32_t *)at = word;
		} else if (step == 2) {
			memcpy(&half, data, sizeof(half));
			*(volatile uint16_t *)at = half;
		} else {
			*(volatile uint8_t *)at = *data;
		}
	}
}
