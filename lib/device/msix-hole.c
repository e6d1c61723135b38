// SPDX-License-Identifier: MIT
// Cuts the MSI-X table out of the mappable areas of a PCI device: only the
// kernel may write it.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "lib/base/bytes.h"
#include "lib/base/capability-walk.h"
#include "lib/base/context.h"
#include "lib/device/device.h"

#define STANDARD_SIZE CAPABILITIES_STANDARD_SIZE

/* Cuts the pages from @start to @end out, which can split an area in two. */
static int hole_cut(struct region *region, uint64_t start, uint64_t end)
{
	struct lend_region *public = &region->public;
	struct lend_area *areas =
		calloc(public->area_count + 1UL, sizeof(*areas));
	unsigned int count = 0;

	if (!areas)
		return -ENOMEM;
	for (unsigned int i = 0; i < public->area_count; i++) {
		uint64_t first = public->areas[i].offset;
		uint64_t last = first + public->areas[i].size;
		uint64_t before = last < start ? last : start;
		uint64_t after = first > end ? first : end;

		if (first < before)
			areas[count++] =
				(struct lend_area){first, before - first};
		if (after < last)
			areas[count++] =
				(struct lend_area){after, last - after};
	}
	region->whole = (struct lend_area *)(uintptr_t) public->areas;
	region->whole_count = public->area_count;
	public->areas = areas;
	public->area_count = count;
	return 0;
}

/* Finds the table. Its size stays 0 if there is none. */
static void hole_find(const uint8_t config[STANDARD_SIZE],
		      struct msix_hole *hole)
{
	unsigned int at = capabilities_find(config, PCI_CAP_ID_MSIX);
	uint32_t table;
	unsigned int count;

	if (!at || at > STANDARD_SIZE - PCI_CAP_MSIX_SIZEOF)
		return;
	table = (uint32_t)bytes_get(config + at + PCI_MSIX_TABLE, 4);
	count = (bytes_get(config + at + PCI_MSIX_FLAGS, 2) &
		 PCI_MSIX_FLAGS_QSIZE) +
		1;
	hole->bar = table & PCI_MSIX_TABLE_BIR;
	hole->table.offset = table & PCI_MSIX_TABLE_OFFSET;
	hole->table.size = (uint64_t)count * PCI_MSIX_ENTRY_SIZE;
}

int device_cut_msix(struct lend_device *device)
{
	const char *name = lend_device_name(device);
	uint64_t have =
		lend_device_region(device, LEND_PCI_REGION_CONFIG)->size;
	uint64_t mask = (uint64_t)sysconf(_SC_PAGESIZE) - 1;
	struct msix_hole *hole = &device->msix_hole;
	struct region *region;
	int err;

	if (!(device->flags & VFIO_DEVICE_FLAGS_PCI) ||
	    !lend_device_irq(device, LEND_PCI_IRQ_MSIX)->count)
		return 0;
	device->image = calloc(1, CAPABILITIES_SIZE);
	if (!device->image)
		return error_no_memory(device->ctx, name);
	err = lend_region_read(device, LEND_PCI_REGION_CONFIG, 0, device->image,
			       have < CAPABILITIES_SIZE ? have
							: CAPABILITIES_SIZE);
	if (err)
		return error_system(device->ctx, -err, name,
				    "read its configuration space");
	hole_find(device->image, hole);
	if (!hole->table.size || hole->bar >= device->region_count)
		return 0;
	region = &device->regions[hole->bar];
	if (region->public.area_count &&
	    hole_cut(region, hole->table.offset & ~mask,
		     (hole->table.offset + hole->table.size + mask) & ~mask))
		return error_no_memory(device->ctx, name);
	return 0;
}

int device_read_config(struct lend_device *device, uint8_t *image,
		       uint64_t size)
{
	if (!device->image || device->is_image_old)
		return lend_region_read(device, LEND_PCI_REGION_CONFIG, 0,
					image, size);
	memcpy(image, device->image,
	       size < CAPABILITIES_SIZE ? size : CAPABILITIES_SIZE);
	return 0;
}

const struct msix_hole *device_msix_hole(const struct lend_device *device)
{
	return &device->msix_hole;
}

void device_release_msix(struct lend_device *device, bool released)
{
	atomic_store_explicit(&device->msix_released, released,
			      memory_order_relaxed);
}

struct lend_region device_region_now(const struct lend_device *device,
				     unsigned int index)
{
	struct lend_region now = *lend_device_region(device, index);

	if (now.msix_mappable && device->regions[index].whole &&
	    atomic_load_explicit(&device->msix_released,
				 memory_order_relaxed)) {
		now.areas = device->regions[index].whole;
		now.area_count = device->regions[index].whole_count;
	}
	return now;
}
