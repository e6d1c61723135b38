// SPDX-License-Identifier: MIT
// Cuts the MSI-X table out of the mappable areas of a PCI device: only the
// kernel may write it.

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "lib/base/bytes.h"
#include "lib/base/capability-walk.h"
#include "lib/base/context.h"
#include "lib/device/device.h"

#define STANDARD_SIZE CAPABILITIES_STANDARD_SIZE

/* Cuts the pages from @start to @end out, which can split an area in two. */
static int hole_cut(struct lend_region *region, uint64_t start, uint64_t end)
{
	struct lend_area *areas =
		calloc(region->area_count + 1UL, sizeof(*areas));
	unsigned int count = 0;

	if (!areas)
		return -ENOMEM;
	for (unsigned int i = 0; i < region->area_count; i++) {
		uint64_t first = region->areas[i].offset;
		uint64_t last = first + region->areas[i].size;
		uint64_t before = last < start ? last : start;
		uint64_t after = first > end ? first : end;

		if (first < before)
			areas[count++] =
				(struct lend_area){first, before - first};
		if (after < last)
			areas[count++] =
				(struct lend_area){after, last - after};
	}
	free((void *)(uintptr_t)region->areas);
	region->areas = areas;
	region->area_count = count;
	return 0;
}

/* Finds the table. Returns its BAR, or -1 if there is none to cut out. */
static int find_table(const uint8_t config[STANDARD_SIZE], uint64_t *start,
		      uint64_t *end)
{
	unsigned int at = capabilities_find(config, PCI_CAP_ID_MSIX);
	uint32_t table;
	unsigned int count;

	if (!at || at > STANDARD_SIZE - PCI_CAP_MSIX_SIZEOF)
		return -1;
	table = (uint32_t)bytes_get(config + at + PCI_MSIX_TABLE, 4);
	count = (bytes_get(config + at + PCI_MSIX_FLAGS, 2) &
		 PCI_MSIX_FLAGS_QSIZE) +
		1;
	*start = table & PCI_MSIX_TABLE_OFFSET;
	*end = *start + count * PCI_MSIX_ENTRY_SIZE;
	return (int)(table & PCI_MSIX_TABLE_BIR);
}

int device_cut_msix(struct lend_device *device)
{
	const char *name = lend_device_name(device);
	uint64_t have =
		lend_device_region(device, LEND_PCI_REGION_CONFIG)->size;
	uint64_t mask = (uint64_t)sysconf(_SC_PAGESIZE) - 1;
	uint8_t config[STANDARD_SIZE] = {0};
	struct lend_region *region;
	uint64_t start, end;
	int bar, err;

	if (!(device->flags & VFIO_DEVICE_FLAGS_PCI) ||
	    !lend_device_irq(device, LEND_PCI_IRQ_MSIX)->count)
		return 0;
	err = lend_region_read(device, LEND_PCI_REGION_CONFIG, 0, config,
			       have < sizeof(config) ? have : sizeof(config));
	if (err)
		return error_system(device->ctx, -err, name,
				    "read its configuration space");
	bar = find_table(config, &start, &end);
	if (bar < 0 || (unsigned int)bar >= device->region_count)
		return 0;
	region = &device->regions[bar].public;
	if (region->area_count &&
	    hole_cut(region, start & ~mask, (end + mask) & ~mask))
		return error_no_memory(device->ctx, name);
	return 0;
}
