// SPDX-License-Identifier: MIT
// Regions of a device: their properties, and access by system call.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/vfio.h>

#include "lib/base/context.h"
#include "lib/base/vfio-answer.h"
#include "lib/device/device.h"
#include "lib/device/reach.h"

_Static_assert(LEND_REGION_READ == VFIO_REGION_INFO_FLAG_READ &&
		       LEND_REGION_WRITE == VFIO_REGION_INFO_FLAG_WRITE &&
		       LEND_REGION_MMAP == VFIO_REGION_INFO_FLAG_MMAP,
	       "flags are the kernel's");

#define FLAGS (LEND_REGION_READ | LEND_REGION_WRITE | LEND_REGION_MMAP)

static int compare_areas(const void *a, const void *b)
{
	const struct lend_area *x = a, *y = b;

	return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Whether sorted areas do not overlap, are within the region, and are whole
 * pages except at the region's end. */
static bool areas_are_sane(const struct lend_area *areas, unsigned int count,
			   uint64_t size)
{
	uint64_t mask = (uint64_t)sysconf(_SC_PAGESIZE) - 1;
	uint64_t end = 0;

	for (unsigned int i = 0; i < count; i++) {
		const struct lend_area *area = &areas[i];

		if (area->offset < end || (area->offset & mask) ||
		    area->offset > size || area->size > size - area->offset)
			return false;
		end = area->offset + area->size;
		if ((end & mask) && end != size)
			return false;
	}
	return true;
}

/* Copies the areas of a capability without empty ones. Returns their number. */
static uint32_t copy_areas(struct lend_area *areas, const char *from,
			   uint32_t count)
{
	struct vfio_region_sparse_mmap_area area;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		memcpy(&area, from + i * sizeof(area), sizeof(area));
		if (!area.size)
			continue;
		areas[kept].offset = area.offset;
		areas[kept++].size = area.size;
	}
	return kept;
}

static int read_sparse(struct lend_device *device, unsigned int index,
		       const struct info *answer, uint32_t offset)
{
	struct lend_region *region = &device->regions[index].public;
	struct vfio_region_info_cap_sparse_mmap cap;
	const char *at = (const char *)answer->bytes + offset;
	struct lend_area *areas;

	memcpy(&cap, at, sizeof(cap));
	if (cap.nr_areas >
	    (answer->size - offset - sizeof(cap)) / sizeof(cap.areas[0]))
		return -EBADMSG;
	if (!cap.nr_areas)
		return 0;
	areas = calloc(cap.nr_areas, sizeof(*areas));
	if (!areas)
		return -ENOMEM;
	region->areas = areas;
	region->area_count = copy_areas(areas, at + sizeof(cap), cap.nr_areas);
	qsort(areas, region->area_count, sizeof(*areas), compare_areas);
	if (areas_are_sane(areas, region->area_count, region->size))
		return 0;
	region->area_count = 0;
	lend_log(device->ctx, LEND_LOG_WARNING,
		 "%s: the %s's list of mappable areas of region %u is "
		 "invalid; all accesses to the region are trapped, which is "
		 "slower",
		 lend_device_name(device), reach_name(device), index);
	return 0;
}

/* Determines the mappable areas: those that a capability lists, or the whole
 * region. */
static int read_areas(struct lend_device *device, unsigned int index,
		      const struct info *answer, uint32_t first)
{
	const uint32_t base = sizeof(struct vfio_region_info);
	struct lend_region *region = &device->regions[index].public;
	struct lend_area *area;
	uint32_t offset;
	int found;

	found = info_cap(answer, first, base,
			 VFIO_REGION_INFO_CAP_MSIX_MAPPABLE,
			 sizeof(struct vfio_info_cap_header), &offset);
	if (found < 0)
		return found;
	region->msix_mappable = found;
	if (!(region->flags & LEND_REGION_MMAP) || !region->size)
		return 0;
	found = info_cap(answer, first, base, VFIO_REGION_INFO_CAP_SPARSE_MMAP,
			 sizeof(struct vfio_region_info_cap_sparse_mmap),
			 &offset);
	if (found < 0)
		return found;
	if (found)
		return read_sparse(device, index, answer, offset);
	area = calloc(1, sizeof(*area));
	if (!area)
		return -ENOMEM;
	area->size = region->size;
	region->areas = area;
	region->area_count = 1;
	return 0;
}

/* Reads the type of a region whose index does not define it. */
static int read_type(struct lend_region *region, const struct info *answer,
		     uint32_t first)
{
	struct vfio_region_info_cap_type cap;
	uint32_t offset;
	int found = info_cap(answer, first, sizeof(struct vfio_region_info),
			     VFIO_REGION_INFO_CAP_TYPE, sizeof(cap), &offset);

	if (found <= 0)
		return found;
	memcpy(&cap, (const char *)answer->bytes + offset, sizeof(cap));
	region->type = cap.type;
	region->subtype = cap.subtype;
	return 0;
}

/* What could vanish under an access is not mapped. */
static void region_check_file(struct lend_device *device, unsigned int index)
{
	struct region *region = &device->regions[index];
	const struct lend_area *last;
	const char *fault;

	if (!region->public.area_count)
		return;
	last = &region->public.areas[region->public.area_count - 1];
	fault = reach_file_fault(device, index,
				 region->offset + last->offset + last->size);
	if (!fault)
		return;
	region->public.area_count = 0;
	lend_log(device->ctx, LEND_LOG_WARNING,
		 "%s: region %u is not mapped: %s; all accesses to the region "
		 "are trapped, which is slower",
		 lend_device_name(device), index, fault);
}

static int parse_region(struct lend_device *device, unsigned int index,
			const struct info *answer)
{
	struct region *region = &device->regions[index];
	struct vfio_region_info head;
	uint32_t first = 0;
	int err;

	memcpy(&head, answer->bytes, sizeof(head));
	if (head.flags & VFIO_REGION_INFO_FLAG_CAPS)
		first = head.cap_offset;
	/* File offsets are signed. */
	if (head.size > INT64_MAX || head.offset > INT64_MAX - head.size)
		return -EBADMSG;
	region->offset = head.offset;
	region->public.size = head.size;
	region->public.flags = head.flags & FLAGS;
	err = read_type(&region->public, answer, first);
	if (!err)
		err = read_areas(device, index, answer, first);
	if (!err)
		region_check_file(device, index);
	return err;
}

static int region_read_info(struct lend_device *device, unsigned int index)
{
	struct vfio_region_info question = {.index = index};
	struct info answer;
	int err;

	err = reach_info(device, VFIO_DEVICE_GET_REGION_INFO, &question,
			 sizeof(question), &answer);
	if (err == -EINVAL) /* as the VGA region of what is no VGA device */
		return 0;
	if (!err) {
		err = parse_region(device, index, &answer);
		info_free(&answer);
	}
	if (err == -EBADMSG)
		return device_bad_answer(device, "region", index);
	if (err == -ENOMEM)
		return error_no_memory(device->ctx, lend_device_name(device));
	if (err)
		return error_system(device->ctx, -err, lend_device_name(device),
				    "query region %u", index);
	return 0;
}

int device_read_regions(struct lend_device *device)
{
	int err = 0;

	device->regions =
		calloc(device->region_count + 1, sizeof(*device->regions));
	if (!device->regions)
		return error_no_memory(device->ctx, lend_device_name(device));
	for (unsigned int i = 0; !err && i < device->region_count; i++)
		err = region_read_info(device, i);
	return err;
}

const struct lend_region *lend_device_region(const struct lend_device *device,
					     unsigned int index)
{
	static const struct lend_region none;

	if (index >= device->region_count)
		return &none;
	return &device->regions[index].public;
}

unsigned int lend_device_region_count(const struct lend_device *device)
{
	return device->region_count;
}

uint64_t lend_region_offset(const struct lend_device *device,
			    unsigned int index)
{
	return index < device->region_count ? device->regions[index].offset : 0;
}

static bool region_has(const struct lend_device *device, unsigned int index,
		       uint64_t offset, size_t size)
{
	uint64_t room = lend_device_region(device, index)->size;

	return offset <= room && size <= room - offset;
}

static int region_moved(ssize_t count, size_t size)
{
	if (count < 0)
		return (int)count;
	return (size_t)count == size ? 0 : -EIO;
}

int lend_region_read(struct lend_device *device, unsigned int index,
		     uint64_t offset, void *data, size_t size)
{
	if (!region_has(device, index, offset, size))
		return -EINVAL;
	if (!size)
		return 0;
	return region_moved(reach_read(device, index, offset, data, size),
			    size);
}

int lend_region_write(struct lend_device *device, unsigned int index,
		      uint64_t offset, const void *data, size_t size)
{
	if (!region_has(device, index, offset, size))
		return -EINVAL;
	if (!size)
		return 0;
	atomic_store_explicit(&device->is_image_old, true,
			      memory_order_relaxed);
	return region_moved(reach_write(device, index, offset, data, size),
			    size);
}
