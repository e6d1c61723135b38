// SPDX-License-Identifier: MIT
// SR-IOV: reads and sets the number of virtual functions of a PCI device.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <lend/attribute.h>
#include <lend/sriov.h>

#include "lib/address/address.h"
#include "lib/address/holders.h"
#include "lib/address/value.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/host/driver.h"

/* Some drivers take a second for each virtual function. */
enum { SRIOV_SECONDS = 300 };

/* The field of the capability has 16 bits. */
#define TOTAL_MAX 0xffffu

static int sriov_read_number(const struct lend_address *address,
			     const char *name, unsigned int *number)
{
	char text[16];
	int length = lend_attribute_read(address, name, text, sizeof(text));

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

	if (!sriov_read_number(address, "sriov_numvfs", &now) &&
	    !sriov_read_number(address, "sriov_totalvfs", &most)) {
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
	int err = 0;

	for (unsigned int i = 0; i < count && !err; i++) {
		char path[SYSFS_PATH], link[64], name[SYSFS_NAME];

		snprintf(link, sizeof(link), "virtfn%u", i);
		if (!sysfs_path(path, "%s/%s", address->path, link) &&
		    lend_attribute_link(address, link, name, sizeof(name)) > 0)
			err = holders_check_device(address->ctx, name, path);
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

int lend_sriov_set(const struct lend_address *address, unsigned int count)
{
	unsigned int now, total;
	char path[SYSFS_PATH], text[16];
	int err = lend_sriov_get(address, &now, &total);

	if (err || now == count)
		return err;
	if (count > total)
		return lend_error_set(
			address->ctx, LEND_ERROR_LIMIT, ERANGE, address->name,
			"%u virtual functions exceed its limit of %u", count,
			total);
	err = sriov_check_idle(address, now);
	if (err)
		return err;
	err = sysfs_path(path, "%s/sriov_numvfs", address->path);
	if (!err && now)
		err = sysfs_write_apart(address->ctx, path, "0", -1,
					SRIOV_SECONDS);
	if (err)
		return sriov_explain(address, -err, count, path);
	snprintf(text, sizeof(text), "%u", count);
	if (count)
		err = sysfs_write_apart(address->ctx, path, text, -1,
					SRIOV_SECONDS);
	if (!err)
		return 0;
	err = sriov_explain(address, -err, count, path);
	return now ? lend_error_evidence(
			     address->ctx,
			     "its %u previous virtual functions are removed",
			     now)
		   : err;
}
