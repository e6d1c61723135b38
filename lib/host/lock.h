/* SPDX-License-Identifier: MIT */
/* Locks between commands that change the host: one for all, and one for each
 * device. */
#ifndef LIB_HOST_LOCK_H
#define LIB_HOST_LOCK_H

#include "lib/host/driver.h"

/* Makes the state directory and locks it against other processes, for which it
 * waits some seconds. Returns a descriptor for lock_release(), or -errno with a
 * record of the failure: -EBUSY, LEND_ERROR_BUSY, with the process that holds
 * it. */
int lock_take(struct lend_ctx *ctx);
void lock_release(struct lend_ctx *ctx, int lock);

/*
 * Locks a device; the lock of lock_take() must be held. A call that does not
 * end keeps this lock after its command, so that no other command touches the
 * device: it would sleep in the kernel too, or undo what the call does later.
 *
 * Returns a descriptor for lock_release_device(), or -errno with a record of
 * the failure: -EBUSY, LEND_ERROR_BUSY, if the kernel still has such a call.
 */
int lock_take_device(struct lend_ctx *ctx, const char *bus, const char *device,
		     const char *path);
/* @is_late: a call still has the lock. */
void lock_release_device(struct lend_ctx *ctx, const char *bus,
			 const char *device, int lock, bool is_late);

#endif
