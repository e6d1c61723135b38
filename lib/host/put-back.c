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
	struct dependents found = {0};
	int err;

	if (sysfs_path(link, "%s/bus/%s/devices/%s", ctx->sysfs,
		       record->bus->name, record->device))
		return 0;
	err = k->realpath(k, link, path, sizeof(path));
	if (err < 0)
		return error_system(ctx, -err, record->device, "%s", link);
	err = holders_check_device(ctx, record->device, path);
	if (!err)
		err = dependents_collect(ctx, record->device, path, &found);
	if (!err)
		err = dependents_check(ctx, record->device, &found, force);
	dependents_free(&found);
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

/* A driver that is not there is in a module, whose name may be another. One
 * that is there refused the device: its module is loaded, and does not help. */
static void put_back_add_remedy(struct lend_ctx *ctx,
				const struct record *record)
{
	char path[SYSFS_PATH];

	if (!sysfs_path(path, "%s/bus/%s/drivers/%s", ctx->sysfs,
			record->bus->name, record->driver) &&
	    sysfs_exists(ctx, path))
		lend_error_remedy(ctx, "then: lend restore %s", record->device);
	else
		lend_error_remedy(ctx, "modprobe %s && lend restore %s",
				  record->module[0] ? record->module
						    : record->driver,
				  record->device);
}

/* Creates the virtual functions that ended with the recorded driver. */
static int put_back_functions(struct lend_ctx *ctx, const struct record *record,
			      const struct driver_target *target)
{
	char now[8];
	int err;

	if (!record->functions[0])
		return 0;
	err = driver_get_functions(ctx, target, now);
	if (err || now[0])
		return err;
	err = driver_set_functions(ctx, target, record->functions);
	if (err && err != -ETIMEDOUT)
		lend_error_remedy(ctx, "lend sriov %s %s", record->device,
				  record->functions);
	return err;
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
		put_back_add_remedy(ctx, record);
	return err;
}

static void put_back_report_other(struct lend_ctx *ctx,
				  const struct record *record, const char *now)
{
	lend_log(ctx, LEND_LOG_WARNING,
		 "%s: not restored to driver %s, because %s was bound since",
		 record->device, record->driver[0] ? record->driver : "(none)",
		 now);
}

int put_back_device(struct lend_ctx *ctx, const struct record *record, int lock,
		    bool force)
{
	const struct driver_target target = {
		.bus = record->bus,
		.name = record->device,
		.lock = lock,
	};
	bool is_ours = true;
	char now[SYSFS_NAME];
	int err = driver_get(ctx, record->bus, record->device, now);

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
		is_ours = false;
		put_back_report_other(ctx, record, now);
	}
	if (!err)
		err = put_back_override(ctx, &target, record->override);
	if (!err && record->is_missing)
		err = driver_probe_any(ctx, &target);
	if (!err && is_ours)
		err = put_back_functions(ctx, record, &target);
	if (!err)
		err = record_remove(ctx, record);
	return err;
}
