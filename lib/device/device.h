/* SPDX-License-Identifier: MIT */
/* An open device, shared by the files of this directory. */
#ifndef LIB_DEVICE_DEVICE_H
#define LIB_DEVICE_DEVICE_H

#include <pthread.h>
#include <stdatomic.h>

#include <lend/device.h>
#include <lend/irq.h>
#include <lend/region.h>

#include "lib/device/msix-hole.h"
#include "lib/iommu/iommu.h"

struct region {
	struct lend_region public; /* its areas are ours to free */
	uint64_t offset;           /* in the device's descriptor */
	/* The areas with the MSI-X table, NULL if it was not cut out. */
	struct lend_area *whole;
	unsigned int whole_count;
};

struct irq {
	struct lend_irq public;
	bool on; /* guarded by the device's lock */
};

/* Part of a region that is mapped into this process. */
struct region_map {
	struct region_map *next;
	void *reserved; /* address space, larger where the address is aligned */
	size_t reserved_size;
	void *vaddr;
	uint64_t size;
};

struct lend_device {
	struct lend_device *next; /* open in the context */
	atomic_uint refs;
	struct lend_ctx *ctx;
	struct lend_iommu *iommu;
	struct lend_address *address; /* NULL if its node was passed in */
	char name[256];
	bool attached;
	struct attachment attachment;

	uint32_t flags; /* VFIO_DEVICE_FLAGS_* */
	struct region *regions;
	unsigned int region_count;
	struct irq *irqs;
	unsigned int irq_count;
	struct msix_hole msix_hole;
	/* Configuration space as it was read at the open; or NULL. */
	uint8_t *image;
	atomic_bool is_image_old;  /* the device may have changed since */
	atomic_bool msix_released; /* its pages may be mapped */

	pthread_mutex_t lock;    /* guards what follows */
	struct region_map *maps; /* a list */
};

/* Reads configuration space, at most @size bytes; takes what the open read, as
 * long as this process did nothing to the device. Returns 0 or -errno. */
int device_read_config(struct lend_device *device, uint8_t *image,
		       uint64_t size);

/* Queries device->region_count regions. */
int device_read_regions(struct lend_device *device);

/* Queries device->irq_count interrupt indices. */
int device_read_irqs(struct lend_device *device);

/* Whether a range is within a mappable area of a region and starts at a page.
 */
bool device_can_map(const struct lend_device *device, unsigned int index,
		    uint64_t offset, uint64_t size);

/* Unmaps every region that is still mapped. */
void device_unmap_regions(struct lend_device *device);

/* Whether it is a virtual function of SR-IOV; false if its node was passed in,
 * without a place in sysfs. */
bool device_is_virtual(const struct lend_device *device);

/* Disables an interrupt index that exists, if it is enabled. */
void device_disable_irq(struct lend_device *device, unsigned int index);

/* Disables every interrupt index that is enabled. */
void device_disable_irqs(struct lend_device *device);

/* Records that the kernel's answer about the device is invalid. Returns
 * -EBADMSG. */
int device_bad_answer(struct lend_device *device, const char *what,
		      unsigned int index);

#endif
