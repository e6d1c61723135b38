/* SPDX-License-Identifier: MIT */
/* The record of an allocation that failed in the machine. */
#ifndef VMM_BASE_NO_MEMORY_H
#define VMM_BASE_NO_MEMORY_H

struct lend_ctx;

/* Record that memory ran out. @device is the device concerned, or NULL.
 * Returns -ENOMEM. */
int vmm_no_memory(struct lend_ctx *ctx, const char *device);

#endif
