// SPDX-License-Identifier: MIT
// SR-IOV: reads and sets the number of virtual functions of a PCI device.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/attribute.h>
#include <lend/sriov.h>

#include "lib/address/address.h"
#include "lib/address/dependents.h"
#include "lib/address/holders.h"
#include "lib/address/value.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/host/driver.h"
#include "lib/host/lock.h"

/* The field of the capability has 16 bits. */
#define TOTAL_MAX 0xffffu

static int sriov_read_number(const struct lend_address *address,
			     const char *name, unsigned int *number)
{
	char text[16];
	char path[SYSFS_PATH];
	int length = sysfs_path(path, "%s/%s", address->path, name);

	/* The kernel guards the number with the device's lock. */
	if (!length)
		length = sysfs_read_apart(address->ctx, path, text,
					  sizeof(text), -1, DRIVER_SECONDS);
	if (length < 0)
		return length;
	if (value_check_number(text))
		return -EBADMSG;
	*number = (unsigned int)atoi(text);
	return 0;
}

int lend_sriov_get(const struct lend_address *address, unsigned int *count,
		   unsigned int *total)
{
	struct lend_ctx *ctx = address->ctx;
	unsigned int now, most;
	char physfn[SYSFS_NAME];
	int err;

	err = sriov_read_number(address, "sriov_numvfs", &now);
	if (!err)
		err = sriov_read_number(address, "sriov_totalvfs", &most);
	if (err == -ETIMEDOUT)
		return change_is_late(ctx, address->name, address->path,
				      "sriov_numvfs", DRIVER_SECONDS);
	if (!err) {
		if (now <= most && most <= TOTAL_MAX) {
			*count = now;
			*total = most;
			return 0;
		}
		return lend_error_set(ctx, LEND_ERROR_DEVICE, EBADMSG,
				      address->name,
				      "the kernel reports an invalid number of "
				      "virtual functions: %u of %u",
				      now, most);
	}
	lend_error_set(ctx, LEND_ERROR_WRONG_TYPE, ENOTSUP, address->name,
		       "it does not support SR-IOV");
	if (lend_attribute_link(address, "physfn", physfn, sizeof(physfn)) > 0)
		lend_error_remedy(ctx, "use its physical function, %s", physfn);
	return -ENOTSUP;
}

/* The kernel would wait for a process that uses one, and nobody could end the
 * wait. */
static int sriov_check_idle(const struct lend_address *address,
			    unsigned int count)
{
	struct lend_ctx *ctx = address->ctx;
	int err = 0;

	for (unsigned int i = 0; i < count && !err; i++) {
		char link[SYSFS_PATH], path[SYSFS_PATH];
		const char *name;

		if (sysfs_path(link, "%s/virtfn%u", address->path, i) ||
		    sysfs_target(ctx, link, path))
			continue;
		name = strrchr(path, '/') + 1;
		err = holders_check_device(ctx, name, path);
		if (!err)
			err = dependents_check_holders(ctx, name, path);
	}
	return err;
}

static int sriov_explain(const struct lend_address *address, int err,
			 unsigned int count, const char *path)
{
	struct lend_ctx *ctx = address->ctx;
	char driver[SYSFS_NAME];

	switch (err) {
	case ENOENT:
	case EOPNOTSUPP:
		lend_address_driver(address, driver, sizeof(driver));
		lend_error_set(ctx, LEND_ERROR_WRONG_TYPE, ENOTSUP,
			       address->name,
			       "its driver does not support SR-IOV: %s",
			       driver[0] ? driver : "(none)");
		return lend_error_remedy(ctx, "bind its host driver, or "
					      "vfio-pci with enable_sriov=1");
	case ENOSPC:
	case ENOMEM:
		lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, address->name,
			       "its bus has no room for %u virtual functions",
			       count);
		lend_error_remedy(ctx, "enable SR-IOV and ARI (and above 4G "
				       "decoding) in the firmware setup");
		return lend_error_remedy(ctx, "boot the host with "
					      "pci=realloc,assign-busses");
	case ETIMEDOUT:
		return change_is_late(ctx, address->name, address->path, path,
				      SRIOV_SECONDS);
	default:
		return change_failed(ctx, err, address->name, "write", path);
	}
}

/* Replaces the functions that exist, under the device's lock. */
static int sriov_replace(const struct lend_address *address, unsigned int count,
			 int lock)
{
	struct lend_ctx *ctx = address->ctx;
	char path[SYSFS_PATH], text[16];
	unsigned int now, total;
	int err = lend_sriov_get(address, &now, &total);

	if (err || now == count)
		return err;
	err = sriov_check_idle(address, now);
	if (err)
		return err;
	err = sysfs_path(path, "%s/sriov_numvfs", address->path);
	if (!err && now)
		err = sysfs_write_apart(ctx, path, "0", lock, SRIOV_SECONDS);
	if (err)
		return sriov_explain(address, -err, count, path);
	snprintf(text, sizeof(text), "%u", count);
	if (count)
		err = sysfs_write_apart(ctx, path, text, lock, SRIOV_SECONDS);
	if (!err)
		return 0;
	err = sriov_explain(address, -err, count, path);
	if (now)
		lend_error_evidence(
			ctx, "its %u previous virtual functions are removed",
			now);
	return err;
}

int lend_sriov_set(const struct lend_address *address, unsigned int count)
{
	const char *bus = address_bus_name(address->bus);
	struct lend_ctx *ctx = address->ctx;
	unsigned int now, total;
	int err = lend_sriov_get(address, &now, &total);
	int all, lock;

	if (err || now == count)
		return err;
	if (count > total)
		return lend_error_set(
			ctx, LEND_ERROR_LIMIT, ERANGE, address->name,
			"%u virtual functions exceed its limit of %u", count,
			total);
	all = lock_take(ctx);
	if (all < 0)
		return all;
	err = lock = lock_take_device(ctx, bus ? bus : "other", address->name,
				      address->path);
	if (lock >= 0) {
		err = sriov_replace(address, count, lock);
		lock_release_device(ctx, bus ? bus : "other", address->name,
				    lock, err == -ETIMEDOUT);
	}
	lock_release(ctx, all);
	return err;
}
