/* SPDX-License-Identifier: MIT */
/* The kinds of resets, for code that chooses one. */
#ifndef LIB_DEVICE_RESET_H
#define LIB_DEVICE_RESET_H

#include <lend/reset.h>

/* Open devices that may be reset together. @reached has an entry for each, set
 * if the device was reset; after a failure none is. */
struct reset_set {
	struct lend_device *const *devices;
	unsigned int count;
	bool *reached;
};

/* As lend_device_hot_reset(), but also refused if it affects an open device
 * that is not in @set; NULL for no such limit. @device is in the set. With a
 * set, what is in the way is named but not looked up: a guest requests resets
 * as often as it likes, of a process that may open no file. */
int hot_reset_set(struct lend_device *device, const struct reset_set *set);

/* As lend_device_reset(), without a record: for a guest's request. */
int device_reset(struct lend_device *device);

/* Whether the first method of the kernel's function reset is a change of the
 * power state. *@is_known is false if the kernel does not report it: before
 * 5.15, or if the device's node was passed in. */
bool reset_is_by_power(const struct lend_device *device, bool *is_known);

#endif
