/* SPDX-License-Identifier: MIT */
/* The MSI-X table of a PCI device, which the kernel keeps for itself. */
#ifndef LIB_DEVICE_MSIX_HOLE_H
#define LIB_DEVICE_MSIX_HOLE_H

#include <lend/region.h>

/* The bytes that the kernel withholds from reads and writes by system call: it
 * does so wherever a capability places its table, however invalid. */
struct msix_hole {
	unsigned int bar;
	struct lend_area table; /* size 0: there is none */
};

/* Finds the MSI-X table and cuts it out of the mappable areas. */
int device_cut_msix(struct lend_device *device);

const struct msix_hole *device_msix_hole(const struct lend_device *device);

/* Lets the pages of the table be mapped, where the kernel does, or no longer.
 * They are ordinary registers if no guest sees the capability. */
void device_release_msix(struct lend_device *device, bool released);

/* A region as it can be mapped now. Its areas are borrowed. */
struct lend_region device_region_now(const struct lend_device *device,
				     unsigned int index);

#endif
