// SPDX-License-Identifier: MIT
// Finds the devices that a directory in sysfs is below.

#include <string.h>

#include "lib/address/above.h"
#include "lib/base/context.h"

bool above_read_bus(struct lend_ctx *ctx, const char *path, const char *sysfs,
		    char bus[SYSFS_NAME])
{
	char link[SYSFS_PATH], target[SYSFS_PATH];
	const char *rest;

	if (sysfs_path(link, "%s/subsystem", path) ||
	    sysfs_target(ctx, link, target))
		return false;
	rest = sysfs_below(target, sysfs);
	rest = rest ? sysfs_below(rest, "bus") : NULL;
	if (!rest || strlen(rest) >= SYSFS_NAME)
		return false;
	strcpy(bus, rest);
	return true;
}

bool above_step(struct lend_ctx *ctx, char path[SYSFS_PATH], const char *sysfs,
		char bus[SYSFS_NAME])
{
	char *slash;

	while ((slash = strrchr(path, '/')) && strlen(path) > strlen(sysfs)) {
		*slash = '\0';
		if (above_read_bus(ctx, path, sysfs, bus))
			return true;
	}
	return false;
}
