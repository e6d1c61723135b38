/* SPDX-License-Identifier: MIT */
/* Undoing what was done to a device, as its record tells. */
#ifndef LIB_HOST_PUT_BACK_H
#define LIB_HOST_PUT_BACK_H

#include "lib/host/record.h"

/*
 * Gives a device its driver and its driver_override back and removes the
 * record; nothing is done twice, so that it can be called after a crash at any
 * point of binding or of itself. A host driver that has taken the device in the
 * meantime keeps it. Returns 0, or -errno with a record of the failure; the
 * device's own record then stays.
 */
int put_back_device(struct lend_ctx *ctx, const struct record *record);

#endif
