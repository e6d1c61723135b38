// SPDX-License-Identifier: MIT
// Restores a device to the state in its record.

#include <errno.h>
#include <string.h>

#include "lib/address/dependents.h"
#include "lib/address/group.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/host/put-back.h"

/* The kernel would wait for a process that has it open, and nobody could end
 * the wait. */
static int put_back_check_idle(struct lend_ctx *ctx,
			       const struct record *record, bool force)
{
	const struct kernel *k = ctx->kernel;
	char link[SYSFS_PATH], path[SYSFS_PATH];
	bool has_some;
	int err;

	if (sysfs_path(link, "%s/bus/%s/devices/%s", ctx->sysfs,
		       record->bus->name, record->device))
		return 0;
	err = k->realpath(k, link, path, sizeof(path));
	if (err < 0)
		return error_system(ctx, -err, record->device, "%s", link);
	err = holders_check_device(ctx, record->device, path);
	if (!err)
		err = dependents_check(ctx, record->device, path, force,
				       &has_some);
	if (err)
		lend_error_remedy(ctx, "lend restore %s", record->device);
	return err;
}

static int put_back_override(struct lend_ctx *ctx,
			     const struct driver_target *target,
			     const char *driver)
{
	char now[SYSFS_NAME];
	int err = driver_get_override(ctx, target, now);

	if (err || !strcmp(now, driver))
		return err;
	return driver_set_override(ctx, target, driver);
}

/* The recorded driver is bound by name: otherwise the kernel might choose
 * another that matches, or follow the previous override. */
static int put_back_driver(struct lend_ctx *ctx, const struct record *record,
			   const struct driver_target *target)
{
	struct error_record failure;
	int err = driver_move(ctx, target, record->driver);

	/* A second call would only wait as the first does. */
	if (!err || err == -ETIMEDOUT)
		return err;
	error_save(ctx, &failure);
	put_back_override(ctx, target, record->override);
	error_reinstate(ctx, &failure);
	if (failure.public.code == LEND_ERROR_HOST_DRIVER)
		lend_error_remedy(ctx, "modprobe %s && lend restore %s",
				  record->driver, record->device);
	return err;
}

int put_back_device(struct lend_ctx *ctx, const struct record *record, int lock,
		    bool force)
{
	const struct driver_target target = {
		.bus = record->bus,
		.name = record->device,
		.lock = lock,
	};
	const char *device = record->device;
	char now[SYSFS_NAME];
	int err = driver_get(ctx, record->bus, device, now);

	if (!err && group_is_vfio_driver(now))
		err = put_back_check_idle(ctx, record, force);
	if (err)
		return err;
	if (!now[0] || group_is_vfio_driver(now)) {
		if (record->driver[0])
			err = put_back_driver(ctx, record, &target);
		else
			err = driver_unbind(ctx, &target);
	} else if (strcmp(now, record->driver)) {
		lend_log(ctx, LEND_LOG_WARNING,
			 "%s: not restored to driver %s, because %s was bound "
			 "since",
			 device, record->driver[0] ? record->driver : "(none)",
			 now);
	}
	if (!err)
		err = put_back_override(ctx, &target, record->override);
	if (!err)
		err = record_remove(ctx, record);
	return err;
}
