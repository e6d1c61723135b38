// SPDX-License-Identifier: MIT
// Function reset.

#include <errno.h>
#include <string.h>
#include <time.h>
#include <linux/vfio.h>

#include <lend/attribute.h>

#include "lib/base/context.h"
#include "lib/device/device.h"
#include "lib/device/reach.h"
#include "lib/device/reset.h"

/* The kernel returns EAGAIN while the device's lock is held elsewhere. */
#define TRIES_MAX 20
#define PAUSE_NS  (10 * 1000 * 1000)

bool lend_device_can_reset(const struct lend_device *device)
{
	return device->flags & VFIO_DEVICE_FLAGS_RESET;
}

int device_reset(struct lend_device *device)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	int err = -EAGAIN;

	if (!lend_device_can_reset(device))
		return -ENOTSUP;
	device->is_image_old = true;
	for (int i = 0; i < TRIES_MAX && err == -EAGAIN; i++) {
		if (i)
			nanosleep(&pause, NULL);
		err = reach_ioctl(device, VFIO_DEVICE_RESET, NULL);
	}
	return err < 0 ? err : 0;
}

int lend_device_reset(struct lend_device *device)
{
	const char *name = lend_device_name(device);
	int err = device_reset(device);

	if (!lend_device_can_reset(device))
		return lend_error_set(device->ctx, LEND_ERROR_DEVICE, ENOTSUP,
				      name, "it has no function reset");
	if (err)
		return lend_error_set(device->ctx, LEND_ERROR_DEVICE, -err,
				      name, "reset failed: %s", strerror(-err));
	return 0;
}

bool reset_is_by_power(const struct lend_device *device, bool *is_known)
{
	char methods[256];

	*is_known = device->address &&
		    lend_attribute_read(device->address, "reset_method",
					methods, sizeof(methods)) >= 0;
	return *is_known && !strncmp(methods, "pm", 2) &&
	       (!methods[2] || methods[2] == ' ');
}
