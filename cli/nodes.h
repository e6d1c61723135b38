/* SPDX-License-Identifier: MIT */
/* The device nodes by which a process gets a device that is bound to VFIO. */
#ifndef CLI_NODES_H
#define CLI_NODES_H

#include <stdbool.h>

#include <lend/lend.h>

struct nodes {
	int group;       /* its number in /dev/vfio, or negative */
	char device[64]; /* its name in /dev/vfio/devices, or "" */
	bool is_unsafe;  /* its group is one of no-IOMMU mode */
};

void nodes_of(struct lend_address *address, struct nodes *nodes);

/* Whether a driver is one of VFIO. As the library has it: variants have the
 * word in their names too. */
bool nodes_is_vfio_driver(const char *driver);

/* Whether a device is bound to VFIO: that is what makes its nodes. */
bool nodes_is_bound(const struct lend_address *address);

#endif
