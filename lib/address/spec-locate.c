// SPDX-License-Identifier: MIT
// Finds the host device that a `-device` string names.

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "lib/address/address.h"
#include "lib/address/find-mdev.h"
#include "lib/address/spec.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

/* The device whose VFIO character device is open as descriptor fd of this
 * process. */
static int find_fd(struct lend_ctx *ctx, const char *fd,
		   struct lend_address **address)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH];
	struct stat st;
	int err = sysfs_path(path, "%s/self/fd/%s", ctx->proc, fd);

	if (!err)
		err = k->stat(k, path, &st);
	if (err)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				      "fd=%s: %s", fd, strerror(-err));
	if (S_ISCHR(st.st_mode) &&
	    !sysfs_path(path, "%s/dev/char/%u:%u/device", ctx->sysfs,
			major(st.st_rdev), minor(st.st_rdev)) &&
	    sysfs_exists(ctx, path))
		return lend_address_find_path(ctx, path, address);
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "fd=%s is not the descriptor of a device", fd);
	return lend_error_remedy(ctx, "open /dev/vfio/devices/vfioN of the "
				      "device and pass that descriptor");
}

/* The properties that name a device, in order of precedence; host= comes last,
 * by the front end's bus. */
static const struct {
	const char *property;
	int (*find)(struct lend_ctx *ctx, const char *value,
		    struct lend_address **address);
} ways[] = {
	{"fd", find_fd},
	{"sysfsdev", lend_address_find_path},
	{"mdev", find_mdev},
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

/* A name that is overridden may be a mistake. Drops the reference to other. */
static void warn_of_other(const struct lend_spec *spec, const char *property,
			  const char *used_by, const struct lend_address *used,
			  int err, struct lend_address *other)
{
	const char *value = lend_spec_get(spec, property);

	if (err || !lend_address_equal(other, used))
		lend_log(spec->ctx, LEND_LOG_WARNING,
			 "%s=%s does not name the same device as %s=; using %s",
			 property, value, used_by, lend_address_name(used));
	if (!err)
		lend_address_unref(other);
}

/* Checks the properties that ways[first] overrides; it is no error if one of
 * them names no device. */
static void check_overridden(const struct lend_spec *spec, unsigned int first,
			     const struct lend_address *used)
{
	const char *host = lend_spec_get(spec, "host");
	struct lend_address *other = NULL;
	struct error_record record;
	int err;

	error_save(spec->ctx, &record);
	for (unsigned int i = first + 1; i < WAYS; i++) {
		const char *value = lend_spec_get(spec, ways[i].property);

		if (!value)
			continue;
		err = ways[i].find(spec->ctx, value, &other);
		warn_of_other(spec, ways[i].property, ways[first].property,
			      used, err, other);
	}
	if (host) {
		err = lend_address_find_host(spec->ctx, spec->front_end->bus,
					     host, &other);
		warn_of_other(spec, "host", ways[first].property, used, err,
			      other);
	}
	error_reinstate(spec->ctx, &record);
}

/* A device on the PCI or the platform bus is of that type, whatever its driver;
 * for other buses the kernel's flags decide once the device is open. */
static int check_bus(const struct lend_spec *spec,
		     const struct lend_address *address)
{
	enum lend_bus is = lend_address_bus(address);
	const char *name = lend_address_name(address);

	if (is == spec->front_end->bus || is == LEND_BUS_MDEV ||
	    is == LEND_BUS_OTHER)
		return 0;
	lend_error_set(
		spec->ctx, LEND_ERROR_WRONG_TYPE, EINVAL, name,
		"it is on the %s bus; %s requires a device on the %s bus",
		address_bus_name(is), spec->front_end->name,
		address_bus_name(spec->front_end->bus));
	return lend_error_remedy(spec->ctx, "-device vfio-%s,host=%s",
				 address_bus_name(is), name);
}

/* Finds the device by the property with precedence. */
static int spec_find_device(const struct lend_spec *spec,
			    struct lend_address **address)
{
	for (unsigned int i = 0; i < WAYS; i++) {
		const char *value = lend_spec_get(spec, ways[i].property);
		int err;

		if (!value)
			continue;
		err = ways[i].find(spec->ctx, value, address);
		if (!err)
			check_overridden(spec, i, *address);
		return err;
	}
	return lend_address_find_host(spec->ctx, spec->front_end->bus,
				      lend_spec_get(spec, "host"), address);
}

int lend_spec_locate(const struct lend_spec *spec,
		     struct lend_address **address)
{
	struct lend_address *found;
	int err;

	if (!spec->front_end->example)
		return lend_error_set(spec->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      NULL,
				      "-device %s is emulated and names no "
				      "device of the host",
				      spec->front_end->name);
	err = spec_find_device(spec, &found);
	if (err)
		return err;
	err = check_bus(spec, found);
	if (err)
		lend_address_unref(found);
	else
		*address = found;
	return err;
}
