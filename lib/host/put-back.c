// SPDX-License-Identifier: MIT
// Undoing what was done to a device, as its record tells.

#include <errno.h>
#include <string.h>

#include "lib/address/group.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/host/put-back.h"

/* Waiting for whoever has it open would be forever, and unkillable. */
static int check_idle(struct lend_ctx *ctx, const struct record *record)
{
	char path[SYSFS_PATH];
	int error;

	if (sysfs_path(path, "%s/bus/%s/devices/%s", ctx->sysfs,
		       record->bus->name, record->device))
		return 0;
	error = holders_check_device(ctx, record->device, path);
	if (error)
		lend_error_remedy(ctx, "lend restore %s", record->device);
	return error;
}

static int set_override(struct lend_ctx *ctx, const struct record *record,
			const char *driver)
{
	char now[SYSFS_NAME];
	int error = driver_get_override(ctx, record->bus, record->device, now);

	if (error || !strcmp(now, driver))
		return error;
	return driver_set_override(ctx, record->bus, record->device, driver);
}

/* The recorded driver is asked for by name: left to itself the kernel might
 * choose another that matches, or obey an override that it had. */
static int move_back(struct lend_ctx *ctx, const struct record *record)
{
	struct error_record failure;
	int error =
		driver_move(ctx, record->bus, record->device, record->driver);

	if (!error)
		return 0;
	error_save(ctx, &failure);
	set_override(ctx, record, record->override);
	error_reinstate(ctx, &failure);
	if (failure.public.code == LEND_ERROR_HOST_DRIVER)
		lend_error_remedy(ctx, "modprobe %s && lend restore %s",
				  record->driver, record->device);
	return error;
}

int put_back(struct lend_ctx *ctx, const struct record *record)
{
	const char *device = record->device;
	char now[SYSFS_NAME];
	int error = driver_get(ctx, record->bus, device, now);

	if (!error && group_is_vfio_driver(now))
		error = check_idle(ctx, record);
	if (error)
		return error;
	if (!now[0] || group_is_vfio_driver(now)) {
		if (record->driver[0])
			error = move_back(ctx, record);
		else
			error = driver_unbind(ctx, record->bus, device);
	} else if (strcmp(now, record->driver)) {
		lend_log(ctx, LEND_LOG_WARNING,
			 "%s: had driver %s, %s has it now and keeps it",
			 device, record->driver[0] ? record->driver : "(none)",
			 now);
	}
	if (!error)
		error = set_override(ctx, record, record->override);
	if (!error)
		error = record_remove(ctx, record);
	return error;
}
