/* SPDX-License-Identifier: MIT */
/* Resets, for those who choose between them. */
#ifndef LIB_DEVICE_RESET_H
#define LIB_DEVICE_RESET_H

#include <lend/reset.h>

/* Open devices that may be reset together; in @reached, as many as @devices,
 * those are noted that were; after a failure, none. */
struct reset_set {
	struct lend_device *const *devices;
	unsigned int count;
	bool *reached;
};

/* As lend_device_hot_reset(), but refused as well where a device that is open
 * is reached and not in @set; NULL for no such limit. @device is in the set. */
int hot_reset_set(struct lend_device *device, const struct reset_set *set);

/* As lend_device_reset(), without a record: what a guest asks for. */
int device_reset(struct lend_device *device);

/* Whether the kernel's reset of the device's own begins with a change of its
 * power state. False where the kernel does not tell: before 5.15, and of a
 * device whose node was passed in; *@is_known says so. */
bool reset_is_by_power(const struct lend_device *device, bool *is_known);

#endif
