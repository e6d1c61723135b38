/* SPDX-License-Identifier: MIT */
/* Whether a process has a device, its group or a node open, and which. */
#ifndef LIB_ADDRESS_HOLDERS_H
#define LIB_ADDRESS_HOLDERS_H

#include <lend/context.h>

#include "lib/address/unknown.h"

/* Adds a line of evidence to the record for each process that has the file at
 * path open: "/dev/vfio/14 is held by qemu-system-x86 (pid 3141, user bob)"; or
 * one line with the reason if none can be seen. Returns how many were seen,
 * this process included. */
int holders_add_evidence(struct lend_ctx *ctx, const char *path);

/* How many processes can be seen to have the file at path open. */
int holders_count(struct lend_ctx *ctx, const char *path);

/* Checks that no process has the group of a device, or the device itself, open
 * through VFIO: the kernel would wait for that process, and nobody could end
 * the wait. path is any path of the device. What could not be found out is
 * added to unknown. Returns 0, or -EBUSY, LEND_ERROR_BUSY, with the holders. */
int holders_ask_device(struct lend_ctx *ctx, const char *device,
		       const char *path, struct unknown *unknown);

/* holders_ask_device(), with a warning for what could not be found out. */
int holders_check_device(struct lend_ctx *ctx, const char *device,
			 const char *path);

/* Adds a line of evidence for each process that is seen to have one of these
 * nodes open. */
void holders_add_device_evidence(struct lend_ctx *ctx, const char *path);

#endif
