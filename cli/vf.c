// SPDX-License-Identifier: MIT
// Changes the settings of virtual functions, and restores them.

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/vf.h"
#include "cli/vf-record.h"

static bool vf_is_equal(const struct vf_settings *a,
			const struct vf_settings *b, enum vf_field field)
{
	return !strcmp(vf_field_text(a, field).text,
		       vf_field_text(b, field).text);
}

static void vf_copy_field(struct vf_settings *to,
			  const struct vf_settings *from, enum vf_field field)
{
	vf_field_read(to, field, vf_field_text(from, field).text);
}

/* Sets a field to what @from has. The kernel takes both rates at once, and
 * checks one against the other. */
static int vf_set_field(struct cli *cli, const struct vf_link *link,
			struct vf_settings *now, const struct vf_settings *from,
			enum vf_field field)
{
	vf_copy_field(now, from, field);
	if (field == VF_MAX_RATE && vf_knows(from, VF_MIN_RATE))
		vf_copy_field(now, from, VF_MIN_RATE);
	if (field == VF_MIN_RATE && vf_knows(from, VF_MAX_RATE))
		vf_copy_field(now, from, VF_MAX_RATE);
	return vf_link_set(cli, link, now, field);
}

/* Sets back the fields before @end that were set; the failure that led here
 * stays in the record. */
static void vf_roll_back(struct cli *cli, const struct vf_link *link,
			 struct vf_settings *now,
			 const struct vf_settings *before,
			 const struct vf_settings *wanted, enum vf_field end)
{
	struct lend_error *failure = lend_error_copy(cli->ctx);
	struct vf_settings lost = {0};

	for (enum vf_field field = end; field-- > 0;) {
		if (!vf_knows(wanted, field))
			continue;
		if (vf_set_field(cli, link, now, before, field))
			lost.known |= 1U << field;
	}
	if (failure)
		lend_error_restore(cli->ctx, failure);
	lend_error_free(failure);
	for (enum vf_field field = 0; field < end; field++)
		if (vf_knows(&lost, field))
			lend_error_evidence(cli->ctx,
					    "%s could not be set back to %s",
					    vf_field_name(field),
					    vf_field_text(before, field).text);
}

static int vf_apply(struct cli *cli, const struct vf_link *link,
		    const struct vf_settings *before,
		    const struct vf_settings *wanted)
{
	struct vf_settings now = *before;

	for (enum vf_field field = 0; field < VF_FIELDS; field++) {
		int err;

		if (!vf_knows(wanted, field))
			continue;
		err = vf_set_field(cli, link, &now, wanted, field);
		if (!err)
			continue;
		vf_copy_field(&now, before, field);
		vf_roll_back(cli, link, &now, before, wanted, field);
		return err;
	}
	return 0;
}

/* The driver shows what it supports. */
static int vf_check_known(struct cli *cli, const struct vf_link *link,
			  const struct vf_settings *settings,
			  const struct vf_settings *wanted)
{
	for (enum vf_field field = 0; field < VF_FIELDS; field++)
		if (vf_knows(wanted, field) && !vf_knows(settings, field))
			return lend_error_set(
				cli->ctx, LEND_ERROR_WRONG_TYPE, ENOTSUP,
				link->device,
				"the driver of %s does not support %s",
				link->interface, vf_field_name(field));
	return 0;
}

/* A value that is not the recorded one was set by another program, and is what
 * a restore leads back to. */
static void vf_extend(struct vf_record *record,
		      const struct vf_settings *settings,
		      const struct vf_settings *wanted)
{
	for (enum vf_field field = 0; field < VF_FIELDS; field++) {
		if (!vf_knows(wanted, field))
			continue;
		if (!vf_knows(&record->set, field) ||
		    !vf_is_equal(&record->set, settings, field))
			vf_copy_field(&record->before, settings, field);
		vf_copy_field(&record->set, wanted, field);
	}
}

int vf_change(struct cli *cli, const struct vf_link *link,
	      const struct vf_settings *settings,
	      const struct vf_settings *wanted)
{
	struct vf_record old, record;
	struct lend_error *failure;
	int lock, err;

	err = vf_check_known(cli, link, settings, wanted);
	if (err)
		return err;
	err = vf_record_lock(cli, &lock);
	if (!err)
		err = vf_record_read(cli, link->device, &old);
	if (!err) {
		record = old;
		vf_extend(&record, settings, wanted);
		err = vf_record_write(cli, link->device, &record);
	}
	if (!err) {
		err = vf_apply(cli, link, settings, wanted);
		failure = err ? lend_error_copy(cli->ctx) : NULL;
		if (err)
			vf_record_write(cli, link->device, &old);
		if (failure)
			lend_error_restore(cli->ctx, failure);
		lend_error_free(failure);
	}
	if (lock >= 0)
		close(lock);
	return err;
}

/* What a function is restored to: fields that no longer have what was set are
 * left. */
static struct vf_settings vf_restored(struct cli *cli,
				      const struct vf_link *link,
				      const struct vf_settings *now,
				      const struct vf_record *record)
{
	struct vf_settings restored = *now;

	for (enum vf_field field = 0; field < VF_FIELDS; field++) {
		if (!vf_knows(&record->set, field))
			continue;
		if (vf_knows(now, field) &&
		    vf_is_equal(&record->set, now, field))
			vf_copy_field(&restored, &record->before, field);
		else
			lend_log(cli->ctx, LEND_LOG_WARNING,
				 "%s: %s is not restored to %s, because it was "
				 "changed to %s since",
				 link->device, vf_field_name(field),
				 vf_field_text(&record->before, field).text,
				 vf_field_text(now, field).text);
	}
	return restored;
}

static int vf_restore_fields(struct cli *cli, const struct vf_link *link,
			     const struct vf_settings *now,
			     const struct vf_record *record)
{
	struct vf_settings restored = vf_restored(cli, link, now, record);
	struct vf_settings reached = *now;
	int err = 0;

	for (enum vf_field field = 0; field < VF_FIELDS && !err; field++) {
		if (vf_is_equal(&restored, &reached, field))
			continue;
		lend_log(cli->ctx, LEND_LOG_INFO, "%s: %s is restored to %s",
			 link->device, vf_field_name(field),
			 vf_field_text(&restored, field).text);
		err = vf_set_field(cli, link, &reached, &restored, field);
	}
	return err;
}

/* Restores a function, with the lock held. Returns 1 if the function has no
 * settings any more. */
static int vf_restore_function(struct cli *cli, struct lend_address *address)
{
	const char *device = lend_address_name(address);
	struct vf_settings now;
	struct vf_record record;
	struct vf_link link;
	int err;

	err = vf_record_read(cli, device, &record);
	if (err)
		return err;
	err = vf_link_find(cli, address, &link, &now);
	if (err)
		return lend_ctx_error(cli->ctx)->code == LEND_ERROR_WRONG_TYPE
			       ? 1
			       : err;
	/* A guest would lose its network. */
	err = lend_check_idle(address);
	if (err && lend_ctx_error(cli->ctx)->code == LEND_ERROR_BUSY)
		return err;
	return vf_restore_fields(cli, &link, &now, &record);
}

struct vf_restoration {
	struct cli *cli;
	const struct devices *devices; /* none for all */
	struct devices *restored;
	struct lend_error *failure; /* the first */
	int err;
};

static bool vf_is_asked(const struct vf_restoration *restoration,
			const char *device)
{
	const struct devices *devices = restoration->devices;

	for (unsigned int i = 0; i < devices->count; i++)
		if (!strcmp(lend_address_name(devices->addresses[i]), device))
			return true;
	return !devices->count;
}

static int vf_restore_one(void *opaque, const char *device)
{
	struct vf_restoration *restoration = opaque;
	struct cli *cli = restoration->cli;
	struct lend_address *address;
	int err;

	if (!vf_is_asked(restoration, device))
		return 0;
	err = lend_address_find(cli->ctx, device, &address);
	if (err && lend_ctx_error(cli->ctx)->code == LEND_ERROR_NO_DEVICE)
		err = 1;
	if (!err) {
		err = vf_restore_function(cli, address);
		if (!err)
			err = devices_add(cli->ctx, restoration->restored,
					  address);
		lend_address_unref(address);
	}
	if (err >= 0)
		err = vf_record_write(cli, device, &(struct vf_record){0});
	if (err && !restoration->err) {
		restoration->err = err;
		restoration->failure = lend_error_copy(cli->ctx);
	}
	return 0;
}

int vf_restore(struct cli *cli, const struct devices *devices,
	       struct devices *restored)
{
	struct vf_restoration restoration = {cli, devices, restored, NULL, 0};
	int err, lock;

	if (!vf_record_exist(cli))
		return 0;
	err = vf_record_lock(cli, &lock);
	if (!err)
		err = vf_record_each(cli, vf_restore_one, &restoration);
	if (lock >= 0)
		close(lock);
	if (!err && restoration.failure)
		lend_error_restore(cli->ctx, restoration.failure);
	lend_error_free(restoration.failure);
	return err ? err : restoration.err;
}

int vf_forget(struct cli *cli, const char *device)
{
	int err, lock;

	if (!vf_record_exist(cli))
		return 0;
	err = vf_record_lock(cli, &lock);
	if (!err)
		err = vf_record_write(cli, device, &(struct vf_record){0});
	if (lock >= 0)
		close(lock);
	return err;
}
