// SPDX-License-Identifier: MIT
// Explains a change of the host that failed, or that does not end.

#include <errno.h>
#include <string.h>

#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/host/driver.h"

int change_failed(struct lend_ctx *ctx, int err, const char *device,
		  const char *what, const char *path)
{
	if (err != EACCES && err != EPERM && err != EROFS)
		return error_system(ctx, err, device, "%s %s", what, path);
	lend_error_set(ctx, LEND_ERROR_PERMISSION, EACCES, device, "%s %s: %s",
		       what, path, strerror(err));
	if (err == EROFS)
		return lend_error_remedy(ctx, "run it where the file system is "
					      "writable, outside a container");
	return lend_error_remedy(ctx, "run it as root (sudo)");
}

int change_is_late(struct lend_ctx *ctx, const char *device, const char *path,
		   const char *what, unsigned int seconds)
{
	lend_error_set(ctx, LEND_ERROR_BUSY, ETIMEDOUT, device,
		       "the kernel still waits for what uses it");
	lend_error_evidence(ctx,
			    "%s: no end after %u s; the kernel continues "
			    "it when the last user closes the device",
			    what, seconds);
	holders_add_device_evidence(ctx, path);
	return lend_error_remedy(ctx,
				 "stop the processes that use it, also those "
				 "in containers");
}
