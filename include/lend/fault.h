/* SPDX-License-Identifier: MIT */
/* What a device tells of itself after it failed. */
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
 * The kernel signals that interrupt when the device, or another on its bus, had
 * an error that it cannot correct. The record then says what the device's PCI
 * Express status and Advanced Error Reporting tell, by the names of their bits,
 * and what the kernel has counted; and names the kernel's log, which has the
 * rest. Registers that are clear are told of as well: the kernel clears them
 * while it recovers, which may be before they are read here.
 *
 * Returns: -EIO, LEND_ERROR_DEVICE.
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
