// SPDX-License-Identifier: MIT
// Restores devices to the drivers they had.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <lend/bind.h>

#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/host/lock.h"
#include "lib/host/put-back.h"
#include "lib/host/record.h"

struct restore {
	struct lend_ctx *ctx;
	const struct lend_bind_options *options;
	int err; /* the first */
	struct error_record failure;
};

static bool is_gone(struct lend_ctx *ctx, const struct record *record)
{
	char path[SYSFS_PATH], canonical[SYSFS_PATH];

	return !sysfs_path(path, "%s/bus/%s/devices/%s", ctx->sysfs,
			   record->bus->name, record->device) &&
	       ctx->kernel->realpath(ctx->kernel, path, canonical,
				     sizeof(canonical)) == -ENOENT;
}

/* Restores a device that exists, under its lock. */
static int restore_locked(struct lend_ctx *ctx, const struct record *record,
			  bool force)
{
	char path[SYSFS_PATH];
	int lock, err;

	err = sysfs_path(path, "%s/bus/%s/devices/%s", ctx->sysfs,
			 record->bus->name, record->device);
	if (err)
		return error_system(ctx, -err, record->device, "%s",
				    ctx->sysfs);
	lock = lock_take_device(ctx, record->bus->name, record->device, path);
	if (lock < 0)
		return lock;
	err = put_back_device(ctx, record, lock, force);
	lock_release_device(ctx, record->bus->name, record->device, lock,
			    err == -ETIMEDOUT);
	return err;
}

static int restore_recorded(const struct restore *restore,
			    const struct record *record)
{
	const struct lend_bind_options *options = restore->options;
	char before[SYSFS_NAME], after[SYSFS_NAME];
	struct lend_ctx *ctx = restore->ctx;
	int err;

	if (is_gone(ctx, record)) {
		lend_log(ctx, LEND_LOG_WARNING,
			 "%s is no longer present; its record is removed",
			 record->device);
		return record_remove(ctx, record);
	}
	if (!record_is_of_device(ctx, record)) {
		lend_log(ctx, LEND_LOG_WARNING,
			 "%s is another device than lend bind took (%s); the "
			 "record is removed, the device is not changed",
			 record->device, record->modalias);
		return record_remove(ctx, record);
	}
	err = driver_get(ctx, record->bus, record->device, before);
	if (!err)
		err = restore_locked(ctx, record, options->force);
	if (!err)
		err = driver_get(ctx, record->bus, record->device, after);
	if (!err && options->moved && strcmp(before, after))
		options->moved(options->opaque, record->device, before, after);
	return err;
}

static int not_recorded(struct lend_ctx *ctx, const struct vfio_bus *bus,
			const char *device)
{
	char driver[SYSFS_NAME] = "";

	driver_get(ctx, bus, device, driver);
	lend_error_set(
		ctx, LEND_ERROR_STATE, ENOENT, device,
		"lend bind did not bind it, so there is nothing to restore");
	return lend_error_evidence(ctx, "its driver is %s; records are in %s",
				   driver[0] ? driver : "(none)", ctx->state);
}

/* Makes the record of a device that another program bound to VFIO. -ENOENT,
 * without a record of the failure, if it is not bound to it. */
static int restore_make_record(struct lend_ctx *ctx, const struct vfio_bus *bus,
			       const char *device, struct record *record)
{
	int err;

	*record = (struct record){.bus = bus, .is_missing = true};
	snprintf(record->device, sizeof(record->device), "%s", device);
	err = driver_get(ctx, bus, device, record->driver);
	if (err)
		return err;
	if (!group_is_vfio_driver(record->driver))
		return -ENOENT;
	record->driver[0] = '\0';
	record_get_modalias(ctx, bus, device, record->modalias);
	return 0;
}

/* Failures after the first are logged as warnings. */
static void note_failure(struct restore *restore, int err)
{
	const struct lend_error *e = lend_ctx_error(restore->ctx);

	if (!restore->err) {
		restore->err = err;
		error_save(restore->ctx, &restore->failure);
		return;
	}
	lend_log(restore->ctx, LEND_LOG_WARNING, "%s: %s", e->device, e->what);
}

static void restore_one(void *opaque, const struct vfio_bus *bus,
			const char *device)
{
	struct restore *restore = opaque;
	struct record record;
	int err = record_read(restore->ctx, bus, device, &record);

	if (err == -ENOENT && restore->options->unrecorded)
		err = restore_make_record(restore->ctx, bus, device, &record);
	if (err == -ENOENT)
		err = not_recorded(restore->ctx, bus, device);
	else if (!err)
		err = restore_recorded(restore, &record);
	if (err)
		note_failure(restore, err);
}

static void restore_address(struct restore *restore,
			    const struct lend_address *address)
{
	const char *name = lend_address_name(address);
	const struct vfio_bus *bus = vfio_bus_of(lend_address_bus(address));

	if (bus)
		restore_one(restore, bus, name);
	else
		note_failure(
			restore,
			lend_error_set(restore->ctx, LEND_ERROR_STATE, ENOENT,
				       name,
				       "lend bind does not support its bus"));
}

int lend_restore(struct lend_ctx *ctx, struct lend_address *const *addresses,
		 unsigned int count, const struct lend_bind_options *options)
{
	struct lend_bind_options known = {0};
	struct restore restore = {.ctx = ctx, .options = &known};
	int lock;
	int err = sized_copy(ctx, NULL, &sized_bind_options, &known, options);

	if (err)
		return err;
	lock = lock_take(ctx);
	if (lock < 0)
		return lock;
	if (!addresses) {
		err = record_for_each(ctx, restore_one, &restore);
		if (err)
			note_failure(&restore, err);
	}
	for (unsigned int i = 0; addresses && i < count; i++)
		restore_address(&restore, addresses[i]);
	lock_release(ctx, lock);
	if (restore.err)
		error_reinstate(ctx, &restore.failure);
	return restore.err;
}
