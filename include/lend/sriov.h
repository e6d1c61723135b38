/* SPDX-License-Identifier: MIT */
/* SR-IOV: the number of virtual functions of a PCI device. */
#ifndef LEND_SRIOV_H
#define LEND_SRIOV_H

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * lend_sriov_get() - get the number of virtual functions of a device
 * @address: physical function
 * @count:   receives the number that exists
 * @total:   receives the largest number that its driver allows
 *
 * Returns: 0, or
 * -ENOTSUP, LEND_ERROR_WRONG_TYPE: not a physical function with SR-IOV; for a
 * virtual function, the record names its physical function;
 * -EBADMSG, LEND_ERROR_DEVICE: the kernel reports more virtual functions than
 * allowed, or allows more than 65535.
 *
 * Since: 0.1. Source: Documentation/PCI/pci-iov-howto.rst.
 */
int lend_sriov_get(const struct lend_address *address, unsigned int *count,
		   unsigned int *total);

/**
 * lend_sriov_set() - change the number of virtual functions of a device
 * @address: physical function
 * @count:   number of virtual functions, from 0 to what lend_sriov_get() says
 *
 * Does nothing if the device has @count already. Otherwise all virtual
 * functions are removed and new ones created, as the kernel offers no other
 * way. If they cannot be created, none is left, and the record says so. Whether
 * the host uses a virtual function is not checked: lend_check_idle() does.
 *
 * Returns: 0, or
 * -ENOTSUP, LEND_ERROR_WRONG_TYPE: the device, or its driver, has no SR-IOV;
 * -ERANGE, LEND_ERROR_LIMIT: @count is more than the driver allows;
 * -EBADMSG, LEND_ERROR_DEVICE: as lend_sriov_get();
 * -EBUSY, LEND_ERROR_BUSY: a process, which the record names, has a virtual
 * function open;
 * -ETIMEDOUT, LEND_ERROR_BUSY: the kernel has not ended it within 300 seconds;
 * it goes on when the processes that use the device have ended;
 * -ENOSPC, LEND_ERROR_LIMIT: the bus has too few numbers, or too little address
 * space for the registers; the record says what helps;
 * -EACCES, LEND_ERROR_PERMISSION: it requires root;
 * or another -errno, LEND_ERROR_SYSTEM.
 *
 * Since: 0.1
 */
int lend_sriov_set(const struct lend_address *address, unsigned int count);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
