// SPDX-License-Identifier: MIT
// Finds a platform device by its name.

#include <errno.h>

#include <lend/text.h>

#include "lib/address/address.h"
#include "lib/address/find-platform.h"
#include "lib/address/spelling.h"
#include "lib/address/value.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

static int no_platform_device(struct lend_ctx *ctx, const char *host)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];
	const char *nearest;

	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, host,
		       "no such device");
	if (sysfs_path(path, "%s/bus/platform/devices", ctx->sysfs) ||
	    sysfs_list(ctx, path, &names))
		return lend_error_remedy(ctx, "lend list shows the devices");
	nearest = lend_nearest(host, (const char *const *)names.names,
			       names.count);
	if (nearest)
		lend_error_evidence(
			ctx, "the nearest name on the platform bus is %s",
			nearest);
	sysfs_names_free(&names);
	return lend_error_remedy(ctx, "lend list shows the devices");
}

int find_platform(struct lend_ctx *ctx, const char *host,
		  struct lend_address **address)
{
	const char *wrong = value_check_platform_host(host);
	char path[SYSFS_PATH];
	int err = 1;

	if (wrong)
		return spelling_refuse(ctx, host, "name of a platform device",
				       wrong);
	if (!sysfs_path(path, "%s/bus/platform/devices/%s", ctx->sysfs, host))
		err = address_find_if_there(ctx, path, address);
	return err > 0 ? no_platform_device(ctx, host) : err;
}
