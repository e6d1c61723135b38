// SPDX-License-Identifier: MIT
// Binds devices to VFIO drivers, all of them or none.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lend/bind.h>

#include "lib/address/address.h"
#include "lib/address/dependents.h"
#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/base/survey.h"
#include "lib/host/bind-use.h"
#include "lib/host/driver.h"
#include "lib/host/lock.h"
#include "lib/host/module.h"
#include "lib/host/put-back.h"
#include "lib/host/record.h"
#include "lib/host/variant.h"

struct bind_move {
	const struct lend_address *address;
	struct record record;    /* what a failure restores */
	char driver[SYSFS_NAME]; /* the VFIO driver that it gets */
	int lock;                /* on the device, or -1 */
	bool is_new;             /* this transaction made the record */
	bool is_begun;           /* the device has been changed */
	bool is_unneeded;        /* another process was faster */
	bool is_late;            /* the kernel has not ended a call on it */
	struct dependents dependents; /* as they were last looked at */
};

struct bind_plan {
	struct bind_move *moves;
	unsigned int count;
	struct lend_address *const *asked; /* the devices of the call */
	unsigned int asked_count;
	const char *driver; /* that is wanted, or NULL */
};

/* A device is not moved from one VFIO driver to another: the record of its host
 * driver, if any, would be lost. */
static int bind_check_same(struct lend_ctx *ctx, const char *name,
			   const char *now, const char *driver,
			   const char *wanted)
{
	if (!wanted || !strcmp(wanted, "auto") || !strcmp(now, driver))
		return 0;
	lend_error_set(ctx, LEND_ERROR_STATE, EEXIST, name,
		       "it is bound to the VFIO driver %s already, not to %s",
		       now, driver);
	return lend_error_remedy(ctx, "lend restore %s, then bind it again",
				 name);
}

/* Checks what no other process changes, and chooses the VFIO driver. Sets
 * *is_needed unless the device is on one already. */
static int bind_check_device(struct lend_ctx *ctx,
			     const struct lend_address *address,
			     const char *wanted, char driver[SYSFS_NAME],
			     bool *is_needed)
{
	const char *name = lend_address_name(address);
	const struct vfio_bus *bus = vfio_bus_of(lend_address_bus(address));
	char now[SYSFS_NAME];
	int err;

	*is_needed = false;
	if (lend_address_bus(address) == LEND_BUS_MDEV)
		return 0;
	if (!bus)
		return driver_refuse_bus(ctx, name);
	err = lend_address_group(address);
	if (err < 0 && (err != -ENODATA || !group_may_come(ctx, address->path)))
		return err;
	err = driver_check_not_bridge(ctx, bus, name);
	if (!err)
		err = driver_get(ctx, bus, name, now);
	if (!err)
		err = variant_choose(address, bus, wanted, driver);
	if (err)
		return err;
	if (group_is_vfio_driver(now))
		return bind_check_same(ctx, name, now, driver, wanted);
	*is_needed = true;
	return 0;
}

static bool bind_is_planned(const struct bind_plan *plan,
			    const struct lend_address *address)
{
	for (unsigned int i = 0; i < plan->count; i++)
		if (lend_address_equal(plan->moves[i].address, address))
			return true;
	return false;
}

static int bind_make_plan(struct lend_ctx *ctx,
			  struct lend_address *const *addresses,
			  unsigned int count, struct bind_plan *plan)
{
	plan->count = 0;
	plan->asked = addresses;
	plan->asked_count = count;
	plan->moves = calloc(count + 1UL, sizeof(*plan->moves));
	if (!plan->moves)
		return error_no_memory(ctx, NULL);
	for (unsigned int i = 0; i < count; i++) {
		struct bind_move *move = &plan->moves[plan->count];
		bool is_needed;
		int err;

		*move = (struct bind_move){.address = addresses[i], .lock = -1};
		err = bind_check_device(ctx, addresses[i], plan->driver,
					move->driver, &is_needed);
		if (err)
			return err;
		if (is_needed && !bind_is_planned(plan, addresses[i]))
			plan->count++;
	}
	return 0;
}

static int bind_refuse_maker(struct lend_ctx *ctx,
			     const struct lend_address *asked,
			     const struct lend_address *maker)
{
	lend_error_set(ctx, LEND_ERROR_IN_USE, EBUSY, asked->name,
		       "it exists only through the driver of %s, which would "
		       "be unbound too",
		       maker->name);
	dependents_add_maker_remedy(ctx, maker->name);
	return -EBUSY;
}

struct bind_warning {
	struct lend_ctx *ctx;
	const char *device;
};

static void bind_warn_line(void *opaque, const char *text)
{
	const struct bind_warning *warning = opaque;

	lend_log(warning->ctx, LEND_LOG_WARNING, "%s: not kept: %s",
		 warning->device, text);
}

/* Refuses to move a device where that removes one of the call, or, unless it is
 * forced, any other; and where the kernel would wait for one. */
static int bind_check_move(struct lend_ctx *ctx, const struct bind_plan *plan,
			   struct bind_move *move, bool force)
{
	const struct lend_address *address = move->address;
	int err;

	for (unsigned int i = 0; i < plan->asked_count; i++)
		if (!lend_address_equal(plan->asked[i], address) &&
		    lend_address_depends(plan->asked[i], address))
			return bind_refuse_maker(ctx, plan->asked[i], address);
	dependents_free(&move->dependents);
	err = dependents_collect(ctx, address->name, address->path,
				 &move->dependents);
	if (!err)
		err = dependents_check(ctx, address->name, &move->dependents,
				       force);
	return err;
}

static int bind_check_moves(struct lend_ctx *ctx, const struct bind_plan *plan,
			    bool force)
{
	int err = 0;

	for (unsigned int i = 0; i < plan->count && !err; i++)
		err = bind_check_move(ctx, plan, &plan->moves[i], force);
	return err;
}

/* What force does not change comes before what it does: its remedies are
 * others. */
static int bind_check_idle(struct lend_ctx *ctx, const struct bind_plan *plan)
{
	int err = 0;

	for (unsigned int i = 0; i < plan->count && !err; i++)
		err = bind_check_chipset(plan->moves[i].address);
	if (!err)
		err = bind_check_moves(ctx, plan, true);
	for (unsigned int i = 0; i < plan->count && !err; i++)
		err = bind_check_use(plan->moves[i].address,
				     &plan->moves[i].dependents);
	return err;
}

/* A driver's end takes the drivers of those that depend on it, so that its
 * device is moved before them. */
static void bind_order_plan(struct bind_plan *plan)
{
	unsigned int ordered = 0;

	for (unsigned int i = 0; i < plan->count; i++) {
		const struct bind_move move = plan->moves[i];

		if (!dependents_count_others(&move.dependents))
			continue;
		memmove(&plan->moves[ordered + 1], &plan->moves[ordered],
			(i - ordered) * sizeof(move));
		plan->moves[ordered++] = move;
	}
}

static void bind_warn(struct lend_ctx *ctx, const struct bind_plan *plan)
{
	for (unsigned int i = 0; i < plan->count; i++) {
		const struct bind_move *move = &plan->moves[i];
		struct bind_warning warning = {ctx, move->address->name};

		dependents_name(&move->dependents, bind_warn_line, &warning);
	}
}

/* Checks with the lock held what other commands change: in between, one may
 * have made what no earlier check saw. */
static int bind_check_plan(struct lend_ctx *ctx, struct bind_plan *plan,
			   const struct lend_bind_options *options)
{
	int err = bind_check_moves(ctx, plan, options->force);

	if (err)
		return err;
	bind_warn(ctx, plan);
	bind_order_plan(plan);
	return 0;
}

/* Looks at each device of the call again: one may have lost its driver, or be
 * gone, while others were moved. */
static int bind_check_result(struct lend_ctx *ctx, const struct bind_plan *plan)
{
	for (unsigned int i = 0; i < plan->asked_count; i++) {
		const struct lend_address *address = plan->asked[i];
		const struct vfio_bus *bus = vfio_bus_of(address->bus);
		char driver[SYSFS_NAME] = "";
		int err = 0;

		if (bus)
			err = driver_get(ctx, bus, address->name, driver);
		if (err)
			return err;
		if (!sysfs_exists(ctx, address->path))
			return lend_error_set(ctx, LEND_ERROR_HOST_DRIVER, EIO,
					      address->name,
					      "it was removed while devices "
					      "were bound");
		if (bus && !group_is_vfio_driver(driver))
			return lend_error_set(ctx, LEND_ERROR_HOST_DRIVER, EIO,
					      address->name,
					      "it lost its VFIO driver while "
					      "other devices were bound");
	}
	return 0;
}

/* Whether an existing record is better than the present state of the device: an
 * interrupted bind or restore leaves it without a driver or with our
 * override. */
static bool bind_is_unfinished(const struct record *old,
			       const struct record *now)
{
	return !now->driver[0] || group_is_vfio_driver(now->override) ||
	       (old->driver[0] && !strcmp(now->override, old->driver));
}

static struct driver_target bind_target(const struct bind_move *move)
{
	return (struct driver_target){
		.bus = move->record.bus,
		.name = move->record.device,
		.lock = move->lock,
	};
}

/* Records the state of the device, unless an existing record is better. */
static int bind_record_move(struct lend_ctx *ctx, struct bind_move *move)
{
	struct record *now = &move->record, old;
	struct driver_target target;
	int err;

	now->bus = vfio_bus_of(lend_address_bus(move->address));
	strcpy(now->device, lend_address_name(move->address));
	move->lock = lock_take_device(ctx, now->bus->name, now->device,
				      lend_address_path(move->address));
	if (move->lock < 0)
		return move->lock;
	target = bind_target(move);
	err = record_fill(ctx, &target, now);
	if (err)
		return err;
	move->is_unneeded = group_is_vfio_driver(now->driver);
	if (move->is_unneeded)
		return 0;
	err = record_read(ctx, now->bus, now->device, &old);
	if (!err && !strcmp(old.modalias, now->modalias) &&
	    bind_is_unfinished(&old, now)) {
		*now = old;
		return 0;
	}
	if (err && err != -ENOENT)
		return err;
	move->is_new = true;
	return record_write(ctx, now);
}

static int bind_check_drivers(struct lend_ctx *ctx,
			      const struct bind_plan *plan)
{
	int err = 0;

	for (unsigned int i = 0; i < plan->count && !err; i++)
		err = module_check_loaded(
			ctx,
			vfio_bus_of(lend_address_bus(plan->moves[i].address)),
			plan->moves[i].driver);
	return err;
}

static int bind_carry_out(struct lend_ctx *ctx, struct bind_plan *plan)
{
	int err = 0;

	for (unsigned int i = 0; i < plan->count && !err; i++)
		err = bind_record_move(ctx, &plan->moves[i]);
	if (!err)
		err = record_sync(ctx);
	for (unsigned int i = 0; i < plan->count && !err; i++) {
		struct bind_move *move = &plan->moves[i];
		const struct driver_target target = bind_target(move);

		move->is_begun = !move->is_unneeded;
		if (move->is_begun)
			err = driver_move(ctx, &target, move->driver);
		if (err)
			variant_add_remedy(ctx, target.bus, target.name,
					   move->driver);
		move->is_late = err == -ETIMEDOUT;
	}
	return err ? err : bind_check_result(ctx, plan);
}

/* Undoes the moves, except one that the kernel has not ended. The context's
 * record keeps the failure that led here, and gets what could not be undone. */
static void bind_roll_back(struct lend_ctx *ctx, struct bind_plan *plan)
{
	struct error_record failure;

	error_save(ctx, &failure);
	for (unsigned int i = plan->count; i-- > 0;) {
		struct bind_move *move = &plan->moves[i];
		int err = 0;

		if (move->is_late)
			continue;
		if (move->is_begun)
			err = put_back_device(ctx, &move->record, move->lock,
					      false);
		else if (move->is_new)
			err = record_remove(ctx, &move->record);
		if (!err)
			continue;
		move->is_late = err == -ETIMEDOUT;
		error_reinstate(ctx, &failure);
		lend_error_evidence(ctx, "%s could not be restored: %s",
				    move->record.device, strerror(-err));
		lend_error_remedy(ctx, "retry: lend restore %s",
				  move->record.device);
		error_save(ctx, &failure);
	}
	error_reinstate(ctx, &failure);
}

static void bind_report_moves(const struct bind_plan *plan,
			      const struct lend_bind_options *options)
{
	if (!options->moved)
		return;
	for (unsigned int i = 0; i < plan->count; i++) {
		const struct bind_move *move = &plan->moves[i];

		if (!move->is_unneeded)
			options->moved(options->opaque, move->record.device,
				       move->record.driver, move->driver);
	}
}

static void bind_release_locks(struct lend_ctx *ctx,
			       const struct bind_plan *plan)
{
	for (unsigned int i = 0; i < plan->count; i++) {
		const struct bind_move *move = &plan->moves[i];

		if (move->lock >= 0)
			lock_release_device(ctx, move->record.bus->name,
					    move->record.device, move->lock,
					    move->is_late);
	}
}

static int bind_rehearse(struct lend_ctx *ctx, struct bind_plan *plan,
			 const struct lend_bind_options *options)
{
	int err = 0;

	/* The verdict on idle devices covers the same. */
	if (!options->idle)
		err = bind_check_moves(ctx, plan, options->force);
	if (err)
		return err;
	if (options->moved)
		bind_warn(ctx, plan);
	bind_order_plan(plan);
	for (unsigned int i = 0; i < plan->count && !err; i++) {
		struct record *record = &plan->moves[i].record;

		record->bus =
			vfio_bus_of(lend_address_bus(plan->moves[i].address));
		strcpy(record->device,
		       lend_address_name(plan->moves[i].address));
		err = driver_get(ctx, record->bus, record->device,
				 record->driver);
	}
	if (!err)
		bind_report_moves(plan, options);
	return err;
}

static int bind_locked(struct lend_ctx *ctx, struct bind_plan *plan,
		       const struct lend_bind_options *options)
{
	int lock = lock_take(ctx), err;

	if (lock < 0)
		return lock;
	err = bind_check_plan(ctx, plan, options);
	if (!err)
		err = bind_carry_out(ctx, plan);
	if (err)
		bind_roll_back(ctx, plan);
	else
		bind_report_moves(plan, options);
	bind_release_locks(ctx, plan);
	lock_release(ctx, lock);
	return err;
}

static void bind_free_plan(struct bind_plan *plan)
{
	for (unsigned int i = 0; plan->moves && i < plan->count; i++)
		dependents_free(&plan->moves[i].dependents);
	free(plan->moves);
}

int lend_bind(struct lend_ctx *ctx, struct lend_address *const *addresses,
	      unsigned int count, const struct lend_bind_options *options)
{
	struct lend_bind_options known = {0};
	struct bind_plan plan = {0};
	int err;

	err = sized_copy(ctx, NULL, &sized_bind_options, &known, options);
	if (err)
		return err;
	plan.driver = known.driver;
	survey_begin(ctx);
	err = bind_make_plan(ctx, addresses, count, &plan);
	if (!err && known.idle)
		err = bind_check_idle(ctx, &plan);
	survey_end(ctx);
	if (!err && !known.dry_run)
		err = bind_check_drivers(ctx, &plan);
	if (!err && known.dry_run)
		err = bind_rehearse(ctx, &plan, &known);
	else if (!err && plan.count)
		err = bind_locked(ctx, &plan, &known);
	bind_free_plan(&plan);
	return err;
}
