/* SPDX-License-Identifier: MIT */
/* An open device, as the files of this room share it. */
#ifndef LIB_DEVICE_DEVICE_H
#define LIB_DEVICE_DEVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include <lend/device.h>
#include <lend/irq.h>
#include <lend/region.h>

#include "lib/iommu/iommu.h"

struct region {
	struct lend_region public; /* its areas are ours to free */
	uint64_t offset;           /* in the device's descriptor */
};

struct irq {
	struct lend_irq public;
	bool on; /* guarded by the device's lock */
};

/* Part of a region in this process. */
struct region_map {
	struct region_map *next;
	void *reserved; /* what was taken to find an aligned address */
	size_t reserved_size;
	void *vaddr;
	uint64_t size;
};

struct lend_device {
	struct lend_device *next; /* open in the context */
	atomic_uint refs;
	struct lend_ctx *ctx;
	struct lend_iommu *iommu;
	struct lend_address *address; /* NULL where its node was passed in */
	char name[256];
	bool attached;
	struct attachment attachment;

	uint32_t flags; /* VFIO_DEVICE_FLAGS_* */
	struct region *regions;
	unsigned int region_count;
	struct irq *irqs;
	unsigned int irq_count;

	pthread_mutex_t lock;    /* guards what follows */
	struct region_map *maps; /* a list */
};

/* Asks the kernel for the regions; device->region_count is how many. */
int device_read_regions(struct lend_device *device);

/* Asks the kernel for the interrupts; device->irq_count is how many. */
int device_read_irqs(struct lend_device *device);

/* Leaves the MSI-X table out of what can be mapped of the regions. */
int device_cut_msix(struct lend_device *device);

/* Whether a range begins at a page within what can be mapped of a region. */
bool device_can_map(const struct lend_device *device, unsigned int index,
		    uint64_t offset, uint64_t size);

/* Unmaps every region that is still mapped. */
void device_unmap_regions(struct lend_device *device);

/* Switches off every interrupt that is on. */
void device_disable_irqs(struct lend_device *device);

/* Records that what the kernel says of the device makes no sense.
 * Returns -EBADMSG. */
int device_bad_answer(struct lend_device *device, const char *what,
		      unsigned int index);

#endif
