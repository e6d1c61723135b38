// SPDX-License-Identifier: MIT
// The state of a device before it is bound, as sysfs has it.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/host/record.h"

void record_get_modalias(struct lend_ctx *ctx, const struct vfio_bus *bus,
			 const char *device, char modalias[SYSFS_NAME])
{
	char path[SYSFS_PATH];
	int length = sysfs_path(path, "%s/bus/%s/devices/%s/modalias",
				ctx->sysfs, bus->name, device);

	if (!length)
		length = sysfs_read_bytes(ctx, path, modalias, SYSFS_NAME - 1);
	modalias[length < 0 ? 0 : length] = '\0';
	modalias[strcspn(modalias, "\n")] = '\0';
}

static void record_get_module(struct lend_ctx *ctx, const struct record *record,
			      char module[SYSFS_NAME])
{
	char path[SYSFS_PATH];

	if (!record->driver[0] ||
	    sysfs_path(path, "%s/bus/%s/drivers/%s/module", ctx->sysfs,
		       record->bus->name, record->driver) ||
	    sysfs_link(ctx, path, module, SYSFS_NAME) < 0)
		module[0] = '\0';
}

bool record_is_of_device(struct lend_ctx *ctx, const struct record *record)
{
	char now[SYSFS_NAME];

	record_get_modalias(ctx, record->bus, record->device, now);
	return !strcmp(now, record->modalias);
}

int record_fill(struct lend_ctx *ctx, const struct driver_target *target,
		struct record *record)
{
	int err = driver_get(ctx, target->bus, target->name, record->driver);

	if (!err)
		err = driver_get_override(ctx, target, record->override);
	if (!err)
		err = driver_get_functions(ctx, target, record->functions);
	if (err)
		return err;
	record_get_module(ctx, record, record->module);
	record_get_modalias(ctx, target->bus, target->name, record->modalias);
	return 0;
}
