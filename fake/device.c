// SPDX-License-Identifier: MIT
// Scripted devices: regions backed by memory, interrupts kept in tables.

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "fake/internal.h"
#include "lib/base/uapi.h"

/* The offset of the MSI-X capability, or 0. */
static unsigned int fake_msix_find(const uint8_t *config)
{
	unsigned int at = config[PCI_CAPABILITY_LIST] & ~3u;

	if (!(config[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return 0;
	for (int i = 0; at >= 0x40 && i < 48; i++) {
		if (config[at] == PCI_CAP_ID_MSIX)
			return at <= 0x100 - PCI_CAP_MSIX_SIZEOF ? at : 0;
		at = config[at + 1] & ~3u;
	}
	return 0;
}

void fake_device_enable(struct fake_device *device)
{
	const uint8_t *config =
		device->regions[VFIO_PCI_CONFIG_REGION_INDEX].bytes;
	unsigned int at = config ? fake_msix_find(config) : 0;
	uint32_t table;

	memset(&device->msix_hole, 0, sizeof(device->msix_hole));
	if (!(device->flags & VFIO_DEVICE_FLAGS_PCI) || !at ||
	    !device->irqs[VFIO_PCI_MSIX_IRQ_INDEX].count)
		return;
	memcpy(&table, config + at + PCI_MSIX_TABLE, sizeof(table));
	device->msix_hole.bar = table & PCI_MSIX_TABLE_BIR;
	device->msix_hole.start = table & PCI_MSIX_TABLE_OFFSET;
	device->msix_hole.end =
		device->msix_hole.start +
		16ull * (((config[at + 2] | config[at + 3] << 8) &
			  PCI_MSIX_FLAGS_QSIZE) +
			 1);
}

int fake_device_open(struct fake_kernel *fake, struct fake_device *device)
{
	int fd;

	if (device->fd >= 0)
		return -EBUSY;
	fake_device_enable(device);
	fd = fcntl(device->file, F_DUPFD_CLOEXEC, 3);
	device->fd = fake_fd_add(fake, fd, FAKE_DEVICE, device);
	return device->fd;
}

void fake_device_close(struct fake_kernel *fake, struct fake_device *device)
{
	device->fd = -1;
	fake_cdev_unbind(fake, device);
	if (device->vmas)
		fake_misuse(fake, "%s closed with a region mapped",
			    device->name);
	for (int i = 0; i < FAKE_IRQS; i++) {
		if (device->irqs[i].on)
			fake_misuse(fake, "%s closed with interrupts %d on",
				    device->name, i);
		device->irqs[i].on = false;
	}
}

struct fake_region *fake_region_at(struct fake_device *device, uint64_t *offset,
				   unsigned int *index)
{
	for (unsigned int i = 0; i < device->region_count; i++) {
		struct fake_region *region = &device->regions[i];

		if (*offset < region->file_offset ||
		    *offset - region->file_offset >= region->size)
			continue;
		*offset -= region->file_offset;
		*index = i;
		return region;
	}
	return NULL;
}

static int fake_device_get_info(struct fake_device *device, void *argument)
{
	struct vfio_device_info info = {
		.argsz = sizeof(info),
		.flags = device->flags,
		.num_regions = device->region_count,
		.num_irqs = device->irq_count,
	};

	return fake_reply_give(&device->reply, argument, &info,
			       offsetof(struct vfio_device_info, cap_offset),
			       sizeof(info));
}

static uint32_t put_areas(const struct fake_region *region, char *at,
			  uint32_t offset)
{
	struct vfio_region_info_cap_sparse_mmap sparse = {
		.header = {VFIO_REGION_INFO_CAP_SPARSE_MMAP, 1, 0},
		.nr_areas = region->area_count,
	};
	uint32_t size = sizeof(sparse) + region->area_count * 16;

	if (region->msix_mappable)
		sparse.header.next = offset + size;
	memcpy(at + offset, &sparse, sizeof(sparse));
	memcpy(at + offset + sizeof(sparse), region->areas,
	       region->area_count * 16);
	return offset + size;
}

static int fake_device_get_region(struct fake_device *device, void *argument)
{
	struct vfio_info_cap_header mappable = {
		.id = VFIO_REGION_INFO_CAP_MSIX_MAPPABLE,
		.version = 1,
	};
	struct vfio_region_info info;
	struct fake_region *region;
	char truth[512] = {0};
	uint32_t size = sizeof(info);
	uint32_t room;

	memcpy(&info, argument, sizeof(info));
	if (info.index >= device->region_count)
		return -EINVAL;
	region = &device->regions[info.index];
	if (region->err)
		return -region->err;
	room = info.argsz;
	info.flags = region->flags;
	info.cap_offset = 0;
	info.size = region->size;
	info.offset = region->file_offset;
	if (region->area_count)
		size = put_areas(region, truth, size);
	if (region->msix_mappable) {
		memcpy(truth + size, &mappable, sizeof(mappable));
		size += sizeof(mappable);
	}
	if (size > sizeof(info)) {
		info.flags |= VFIO_REGION_INFO_FLAG_CAPS;
		info.cap_offset = room < size ? 0 : sizeof(info);
	}
	memcpy(truth, &info, sizeof(info));
	return fake_reply_give(&region->reply, argument, truth, sizeof(info),
			       size);
}

static int fake_device_get_irq(struct fake_device *device,
			       struct vfio_irq_info *info)
{
	if (info->argsz < sizeof(*info) || info->index >= device->irq_count)
		return -EINVAL;
	info->count = device->irqs[info->index].count;
	info->flags = device->irqs[info->index].flags;
	return 0;
}

static void fake_irq_disable(struct fake_irq *irq)
{
	irq->on = false;
	irq->enabled = 0;
	irq->masked = false;
	irq->unmask = -1;
	for (int i = 0; i < FAKE_VECTORS; i++)
		irq->trigger[i] = -1;
}

static int fake_irq_set_triggers(struct fake_irq *irq,
				 const struct vfio_irq_set *set)
{
	if (!set->count) {
		fake_irq_disable(irq);
		return 0;
	}
	if (!irq->on && irq->available && set->count > irq->available)
		return (int)irq->available;
	if (irq->on && (irq->flags & VFIO_IRQ_INFO_NORESIZE) &&
	    set->start + set->count > irq->enabled)
		return -EINVAL;
	for (uint32_t i = 0; i < set->count; i++)
		memcpy(&irq->trigger[set->start + i], set->data + 4 * i, 4);
	if (set->start + set->count > irq->enabled)
		irq->enabled = set->start + set->count;
	irq->on = true;
	return 0;
}

/* As if the device had raised them. */
static int fake_irq_fire(struct fake_irq *irq, const struct vfio_irq_set *set)
{
	if (!irq->on)
		return -EINVAL;
	for (uint32_t i = 0; i < set->count; i++)
		irq->fired += irq->trigger[set->start + i] >= 0;
	return 0;
}

static int fake_device_set_irqs(struct fake_device *device,
				const struct vfio_irq_set *set)
{
	uint32_t data = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	uint32_t action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	uint32_t size = data == VFIO_IRQ_SET_DATA_EVENTFD ? 4 : 0;
	struct fake_irq *irq;

	if (set->argsz < sizeof(*set) || set->index >= device->irq_count)
		return -EINVAL;
	irq = &device->irqs[set->index];
	if (set->start > irq->count || set->count > irq->count - set->start ||
	    set->argsz - sizeof(*set) < (uint64_t)set->count * size)
		return -EINVAL;
	if (!set->count && (data != VFIO_IRQ_SET_DATA_NONE ||
			    action != VFIO_IRQ_SET_ACTION_TRIGGER))
		return -EINVAL;
	if (action == VFIO_IRQ_SET_ACTION_TRIGGER && set->count &&
	    data == VFIO_IRQ_SET_DATA_NONE)
		return fake_irq_fire(irq, set);
	if (action == VFIO_IRQ_SET_ACTION_TRIGGER)
		return fake_irq_set_triggers(irq, set);
	if (!irq->on || !(irq->flags & VFIO_IRQ_INFO_MASKABLE))
		return -ENOTTY;
	if (data == VFIO_IRQ_SET_DATA_NONE)
		irq->masked = action == VFIO_IRQ_SET_ACTION_MASK;
	else if (action == VFIO_IRQ_SET_ACTION_UNMASK)
		memcpy(&irq->unmask, set->data, 4);
	return 0;
}

static int fake_device_reset(struct fake_device *device)
{
	if (!(device->flags & VFIO_DEVICE_FLAGS_RESET))
		return -EINVAL;
	if (device->busy_resets) {
		device->busy_resets--;
		return -EAGAIN;
	}
	device->resets++;
	if (device->was_reset)
		device->was_reset(device);
	return 0;
}

static int fake_device_make_dma_buf(struct fake_kernel *fake,
				    struct fake_device *device,
				    const struct vfio_device_feature *feature)
{
	struct uapi_feature_dma_buf what;
	struct uapi_dma_buf_range range;

	if (!device->makes_dma_bufs)
		return -ENOTTY;
	if (feature->argsz != sizeof(*feature) + sizeof(what) + sizeof(range))
		return -EINVAL;
	memcpy(&what, feature->data, sizeof(what));
	memcpy(&range, feature->data + sizeof(what), sizeof(range));
	if (what.flags || what.range_count != 1 ||
	    what.open_flags != (O_RDWR | O_CLOEXEC) || !range.length ||
	    (range.offset | range.length) % 4096)
		return -EINVAL;
	device->dma_buf[0] = what.region;
	device->dma_buf[1] = range.offset;
	device->dma_buf[2] = range.length;
	return fake_fd_add(fake, memfd_create("dma-buf", MFD_CLOEXEC),
			   FAKE_DMA_BUF, device);
}

static int probe_feature(const struct fake_device *device,
			 const struct vfio_device_feature *feature)
{
	uint32_t id = feature->flags & VFIO_DEVICE_FEATURE_MASK;
	uint64_t bit = id < 64 ? 1ull << id : 0;

	if (feature->argsz < sizeof(*feature) ||
	    !(feature->flags & VFIO_DEVICE_FEATURE_PROBE))
		return -EINVAL;
	if (!((device->can_get | device->can_set) & bit))
		return -ENOTTY;
	if (((feature->flags & VFIO_DEVICE_FEATURE_GET) &&
	     !(device->can_get & bit)) ||
	    ((feature->flags & VFIO_DEVICE_FEATURE_SET) &&
	     !(device->can_set & bit)))
		return -EINVAL;
	return 0;
}

static int tell_dependents(const struct fake_device *device,
			   struct vfio_pci_hot_reset_info *info)
{
	uint32_t room = (info->argsz - (uint32_t)sizeof(*info)) / 8;
	uint32_t count = device->dependent_count;

	if (!count)
		return -ENODEV;
	if (device->told_dependents)
		count = device->told_dependents;
	info->flags = device->bound ? UAPI_HOT_RESET_DEV_ID : 0;
	info->count = count;
	if (count > room)
		return device->fits_dependents ? 0 : -ENOSPC;
	for (uint32_t i = 0; i < count; i++) {
		const struct fake_dependent *d = &device->dependents[i];
		struct vfio_pci_dependent_device entry = {
			.group_id =
				device->bound ? d->devid : (uint32_t)d->group,
			.segment = d->domain,
			.bus = d->bus,
			.devfn = d->devfn,
		};

		memcpy((char *)(info + 1) + i * sizeof(entry), &entry,
		       sizeof(entry));
	}
	return 0;
}

/* Whether a group is among those whose descriptors were shown. */
static bool fake_dependent_is_shown(struct fake_kernel *fake,
				    const struct vfio_pci_hot_reset *reset,
				    int group)
{
	for (uint32_t i = 0; i < reset->count; i++) {
		struct fake_fd *f = fake_fd_find(fake, reset->group_fds[i]);
		const struct fake_group *shown = f ? f->object : NULL;

		if (f && f->kind == FAKE_GROUP && shown->number == group)
			return true;
	}
	return false;
}

static int fake_device_hot_reset(struct fake_kernel *fake,
				 struct fake_device *device,
				 const struct vfio_pci_hot_reset *reset)
{
	if (device->hot_reset_error)
		return -device->hot_reset_error;
	if (!!reset->count == !!device->bound)
		return -EINVAL;
	for (uint32_t i = 1; i < reset->count; i++)
		if (reset->group_fds[i] == reset->group_fds[i - 1])
			fake_misuse(fake, "a group shown twice");
	for (unsigned int i = 0; i < device->dependent_count; i++) {
		const struct fake_dependent *d = &device->dependents[i];

		if (device->bound
			    ? d->devid == UAPI_HOT_RESET_NOT_OWNED
			    : !fake_dependent_is_shown(fake, reset, d->group))
			return -EINVAL;
	}
	device->hot_resets++;
	return 0;
}

int fake_device_ioctl(struct fake_kernel *fake, struct fake_device *device,
		      unsigned long request, void *argument)
{
	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		return fake_device_get_info(device, argument);
	case VFIO_DEVICE_GET_REGION_INFO:
		return fake_device_get_region(device, argument);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return fake_device_get_irq(device, argument);
	case VFIO_DEVICE_SET_IRQS:
		return fake_device_set_irqs(device, argument);
	case VFIO_DEVICE_RESET:
		return fake_device_reset(device);
	case VFIO_DEVICE_FEATURE:
		if (((struct vfio_device_feature *)argument)->flags ==
		    (VFIO_DEVICE_FEATURE_GET | UAPI_FEATURE_DMA_BUF))
			return fake_device_make_dma_buf(fake, device, argument);
		return probe_feature(device, argument);
	case VFIO_DEVICE_GET_PCI_HOT_RESET_INFO:
		return tell_dependents(device, argument);
	case VFIO_DEVICE_PCI_HOT_RESET:
		return fake_device_hot_reset(fake, device, argument);
	}
	return fake_cdev_ioctl(fake, device, request, argument);
}
