/* SPDX-License-Identifier: MIT */
/* Whether the DMA of an open virtio function goes through the IOMMU. */
#ifndef LIB_PCI_VIRTIO_H
#define LIB_PCI_VIRTIO_H

#include <stdint.h>

struct lend_pci;

/* Asks the device, whose BARs are known, for its features; its configuration
 * space is @image. Returns 0, also if it is no virtio device or this host no
 * virtual machine, or -ENOTSUP with a record. */
int virtio_check(struct lend_pci *pci, const uint8_t *image);

#endif
