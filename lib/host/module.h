/* SPDX-License-Identifier: MIT */
/* Whether the running kernel has a VFIO driver. */
#ifndef LIB_HOST_MODULE_H
#define LIB_HOST_MODULE_H

#include "lib/host/driver.h"

/* Checks that the driver is registered, or that it is a module which can be
 * loaded. Returns 0, also if the kernel's modules cannot be looked up; or
 * -ENOTSUP with a record if the kernel was built without it. */
int module_check(struct lend_ctx *ctx, const struct vfio_bus *bus,
		 const char *driver, const char *device);

/* Checks that the driver is registered. Returns 0; -ENOENT, LEND_ERROR_NO_VFIO,
 * if its module must be loaded; or what module_check() returns. */
int module_check_loaded(struct lend_ctx *ctx, const struct vfio_bus *bus,
			const char *driver);

#endif
