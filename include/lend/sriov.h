/* SPDX-License-Identifier: MIT */
/* SR-IOV: how many virtual functions a PCI device has. */
#ifndef LEND_SRIOV_H
#define LEND_SRIOV_H

#include <lend/address.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * lend_sriov_get() - how many virtual functions a device has and can have
 * @address: device
 * @count:   receives how many it has
 * @total:   receives how many its driver allows
 *
 * Returns: 0, or
 * -ENOTSUP, LEND_ERROR_WRONG_TYPE: it is no physical function with SR-IOV;
 * -EBADMSG, LEND_ERROR_DEVICE: it has more than it can have, or can have more
 * than there are numbers for.
 *
 * Since: 0.1. Source: Documentation/PCI/pci-iov-howto.rst.
 */
int lend_sriov_get(const struct lend_address *address, unsigned int *count,
		   unsigned int *total);

/**
 * lend_sriov_set() - give a device another number of virtual functions
 * @address: device
 * @count:   how many; 0 for none
 *
 * All that there are go first: the kernel knows no other way. Whether the host
 * uses one is not looked at, but one that a process has open stands in the way.
 * A failure to make the new ones leaves none, and the record says so.
 *
 * Returns: 0, also where there are that many, or
 * -ENOTSUP, LEND_ERROR_WRONG_TYPE: it has no SR-IOV, or its driver has not;
 * -ERANGE, LEND_ERROR_LIMIT: more than the driver allows;
 * -EBADMSG, LEND_ERROR_DEVICE: as lend_sriov_get();
 * -EBUSY, LEND_ERROR_BUSY: a process has a virtual function open; the record
 * names it;
 * -ENOSPC, LEND_ERROR_LIMIT: the bus has no room for the functions' numbers or
 * registers; the record says what helps;
 * -EACCES, LEND_ERROR_PERMISSION: it takes root;
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
