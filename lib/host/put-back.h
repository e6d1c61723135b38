/* SPDX-License-Identifier: MIT */
/* Restores a device to the state in its record. */
#ifndef LIB_HOST_PUT_BACK_H
#define LIB_HOST_PUT_BACK_H

#include "lib/host/record.h"

/*
 * Restores a device's driver and driver_override, and removes the record. It
 * can be called again after a crash at any point of a bind or of itself. A host
 * driver that was bound in the meantime is kept. @lock is the device's, from
 * lock_take_device(). @force: removes other devices that exist only through its
 * present driver. Returns 0, or -errno with a record of the failure; the
 * device's own record then stays.
 */
int put_back_device(struct lend_ctx *ctx, const struct record *record, int lock,
		    bool force);

#endif
