/* SPDX-License-Identifier: MIT */
/* Description of a device's uncorrectable error. */
#ifndef LEND_FAULT_H
#define LEND_FAULT_H

#include <lend/device.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * lend_device_fault() - record what is known of a device's error
 * @device: PCI device whose LEND_PCI_IRQ_ERR was signalled
 *
 * The kernel signals that interrupt after an uncorrectable error of the device,
 * or of another device on its bus. The record lists the bits that are set in
 * the device's PCI Express status and Advanced Error Reporting registers, and
 * the kernel's error counters; its remedy names the kernel's log, which has the
 * rest. Registers that are clear are listed as well: the kernel clears them
 * when it recovers, possibly before they are read here.
 *
 * Returns: always
 * -EIO, LEND_ERROR_DEVICE: the error that the record describes.
 *
 * Since: 0.1. Source: PCI Express Base 5.0, sections 7.5.3.5 and 7.8.4;
 * Documentation/ABI/testing/sysfs-bus-pci-devices-aer_stats.
 */
int lend_device_fault(struct lend_device *device);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
