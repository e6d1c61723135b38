// SPDX-License-Identifier: MIT
// Host drivers: which one a device is bound to, and how it is moved to another.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/host/driver.h"

static const struct vfio_bus buses[] = {
	{LEND_BUS_PCI, "pci", "vfio-pci"},
	{LEND_BUS_PLATFORM, "platform", "vfio-platform"},
};

enum { BUSES = sizeof(buses) / sizeof(buses[0]) };

const struct vfio_bus *vfio_bus_of(enum lend_bus bus)
{
	for (unsigned int i = 0; i < BUSES; i++)
		if (buses[i].bus == bus)
			return &buses[i];
	return NULL;
}

const struct vfio_bus *vfio_bus_named(const char *name)
{
	for (unsigned int i = 0; i < BUSES; i++)
		if (!strcmp(buses[i].name, name))
			return &buses[i];
	return NULL;
}

static int device_path(struct lend_ctx *ctx, const struct vfio_bus *bus,
		       const char *device, const char *file,
		       char path[SYSFS_PATH])
{
	int err = sysfs_path(path, "%s/bus/%s/devices/%s/%s", ctx->sysfs,
			     bus->name, device, file);

	return err ? error_system(ctx, -err, device, "%s", file) : 0;
}

int driver_get(struct lend_ctx *ctx, const struct vfio_bus *bus,
	       const char *device, char driver[SYSFS_NAME])
{
	char path[SYSFS_PATH];
	int err = device_path(ctx, bus, device, "driver", path);

	driver[0] = '\0';
	if (err)
		return err;
	err = sysfs_link(ctx, path, driver, SYSFS_NAME);
	if (err < 0 && err != -ENOENT)
		return error_system(ctx, -err, device, "read %s", path);
	return 0;
}

/* A change that failed: one that is late has a reason of its own. */
static int driver_change_failed(struct lend_ctx *ctx, int err,
				const struct driver_target *target,
				const char *what, const char *path)
{
	char device[SYSFS_PATH];

	if (err != ETIMEDOUT ||
	    device_path(ctx, target->bus, target->name, "", device))
		return change_failed(ctx, err, target->name, what, path);
	change_is_late(ctx, target->name, device, path, DRIVER_SECONDS);
	return lend_error_remedy(ctx, "lend restore %s", target->name);
}

int driver_get_override(struct lend_ctx *ctx,
			const struct driver_target *target,
			char driver[SYSFS_NAME])
{
	char path[SYSFS_PATH];
	int err = device_path(ctx, target->bus, target->name, "driver_override",
			      path);

	if (err)
		return err;
	err = sysfs_read_apart(ctx, path, driver, SYSFS_NAME, target->lock,
			       DRIVER_SECONDS);
	if (err < 0)
		return driver_change_failed(ctx, -err, target, "read", path);
	/* How the kernel prints an override that is not set. */
	if (!strcmp(driver, "(null)"))
		driver[0] = '\0';
	return 0;
}

int driver_set_override(struct lend_ctx *ctx,
			const struct driver_target *target, const char *driver)
{
	char path[SYSFS_PATH], line[SYSFS_NAME + 1];
	int err = device_path(ctx, target->bus, target->name, "driver_override",
			      path);

	if (err)
		return err;
	/* A newline alone clears it. */
	snprintf(line, sizeof(line), "%s\n", driver);
	err = sysfs_write_apart(ctx, path, line, target->lock, DRIVER_SECONDS);
	if (err)
		return driver_change_failed(ctx, -err, target, "write", path);
	return 0;
}

int driver_get_functions(struct lend_ctx *ctx,
			 const struct driver_target *target, char count[8])
{
	char path[SYSFS_PATH];
	int err = device_path(ctx, target->bus, target->name, "sriov_numvfs",
			      path);

	count[0] = '\0';
	if (err || !sysfs_exists(ctx, path))
		return err;
	err = sysfs_read_apart(ctx, path, count, 8, target->lock,
			       DRIVER_SECONDS);
	if (err < 0)
		return driver_change_failed(ctx, -err, target, "read", path);
	if (!strcmp(count, "0") || count[strspn(count, "0123456789")])
		count[0] = '\0';
	return 0;
}

int driver_set_functions(struct lend_ctx *ctx,
			 const struct driver_target *target, const char *count)
{
	char path[SYSFS_PATH];
	int err = device_path(ctx, target->bus, target->name, "sriov_numvfs",
			      path);

	if (err)
		return err;
	lend_log(ctx, LEND_LOG_INFO, "%s: creating its %s virtual functions",
		 target->name, count);
	err = sysfs_write_apart(ctx, path, count, target->lock, SRIOV_SECONDS);
	if (err)
		return driver_change_failed(ctx, -err, target, "write", path);
	return 0;
}

int driver_unbind(struct lend_ctx *ctx, const struct driver_target *target)
{
	char path[SYSFS_PATH], driver[SYSFS_NAME];
	int err = driver_get(ctx, target->bus, target->name, driver);

	if (err || !driver[0])
		return err;
	err = device_path(ctx, target->bus, target->name, "driver/unbind",
			  path);
	if (err)
		return err;
	lend_log(ctx, LEND_LOG_INFO, "%s: unbinding it from %s", target->name,
		 driver);
	err = sysfs_write_apart(ctx, path, target->name, target->lock,
				DRIVER_SECONDS);
	if (err)
		return driver_change_failed(ctx, -err, target, "write", path);
	err = driver_get(ctx, target->bus, target->name, driver);
	if (!err && driver[0])
		return lend_error_set(ctx, LEND_ERROR_HOST_DRIVER, EIO,
				      target->name, "%s did not release it",
				      driver);
	return err;
}

/* Explains a failed probe of vfio-platform, which has reasons of its own. */
static void explain_platform(struct lend_ctx *ctx, const char *device)
{
	char path[SYSFS_PATH], waits[8];

	/* Another attribute that the kernel guards with the device's lock. */
	if (!sysfs_path(path, "%s/bus/platform/devices/%s/waiting_for_supplier",
			ctx->sysfs, device) &&
	    sysfs_read_apart(ctx, path, waits, sizeof(waits), -1,
			     DRIVER_SECONDS) > 0 &&
	    waits[0] == '1') {
		lend_error_evidence(
			ctx, "the kernel waits for the driver of a supplier, a "
			     "device that its device tree node refers to");
		lend_error_remedy(ctx, "load that driver, or boot the host "
				       "with fw_devlink=off");
		return;
	}
	lend_error_remedy(ctx, "if the kernel has no reset module for it: "
			       "modprobe -r vfio-platform; modprobe "
			       "vfio-platform reset_required=0");
}

/* Asks the kernel to bind a driver; returns what the write returned, @path is
 * where it went. */
static int driver_write_probe(struct lend_ctx *ctx,
			      const struct driver_target *target,
			      char path[SYSFS_PATH])
{
	int err = sysfs_path(path, "%s/bus/%s/drivers_probe", ctx->sysfs,
			     target->bus->name);

	return err ? err
		   : sysfs_write_apart(ctx, path, target->name, target->lock,
				       DRIVER_SECONDS);
}

int driver_probe_any(struct lend_ctx *ctx, const struct driver_target *target)
{
	char path[SYSFS_PATH];
	int err = driver_write_probe(ctx, target, path);

	/* Any other failure is that of a driver. */
	if (err != -ETIMEDOUT && err != -EACCES && err != -EPERM &&
	    err != -EROFS)
		return 0;
	return driver_change_failed(ctx, -err, target, "write", path);
}

/* Lets the kernel probe for a driver, and checks which one it bound. */
static int driver_probe(struct lend_ctx *ctx,
			const struct driver_target *target, const char *driver)
{
	const struct vfio_bus *bus = target->bus;
	const char *device = target->name;
	char path[SYSFS_PATH], now[SYSFS_NAME];
	int err, write_error;

	lend_log(ctx, LEND_LOG_INFO, "%s: binding it to %s", device, driver);
	write_error = driver_write_probe(ctx, target, path);
	if (write_error == -ETIMEDOUT)
		return driver_change_failed(ctx, ETIMEDOUT, target, "write",
					    path);
	err = driver_get(ctx, bus, device, now);
	if (err || !strcmp(now, driver))
		return err;
	if (write_error == -EACCES || write_error == -EPERM ||
	    write_error == -EROFS)
		return change_failed(ctx, -write_error, device, "write", path);

	lend_error_set(ctx, LEND_ERROR_HOST_DRIVER, EIO, device,
		       "%s did not bind to it: %s%s", driver,
		       now[0] ? "its driver is " : "it has no driver", now);
	if (write_error)
		lend_error_evidence(ctx, "write %s: %s", path,
				    strerror(-write_error));
	if (bus->bus == LEND_BUS_PLATFORM && !strcmp(driver, bus->driver))
		explain_platform(ctx, device);
	return lend_error_remedy(
		ctx,
		"the kernel log may show the reason: dmesg | grep -e %s -e %s",
		device, driver);
}

int driver_move(struct lend_ctx *ctx, const struct driver_target *target,
		const char *driver)
{
	/* Set first, so that no other driver can be bound in between. */
	int err = driver_set_override(ctx, target, driver);

	if (!err)
		err = driver_unbind(ctx, target);
	if (!err)
		err = driver_probe(ctx, target, driver);
	return err;
}

int driver_refuse_bus(struct lend_ctx *ctx, const char *device)
{
	return lend_error_set(ctx, LEND_ERROR_WRONG_TYPE, EINVAL, device,
			      "VFIO has no driver for its bus");
}

int driver_check_not_bridge(struct lend_ctx *ctx, const struct vfio_bus *bus,
			    const char *device)
{
	char path[SYSFS_PATH], class[16];

	if (bus->bus != LEND_BUS_PCI ||
	    sysfs_path(path, "%s/bus/pci/devices/%s/class", ctx->sysfs,
		       device) ||
	    sysfs_read(ctx, path, class, sizeof(class)) < 0)
		return 0;
	if (strncmp(class, "0x0604", 6) && strncmp(class, "0x0607", 6))
		return 0;
	lend_error_set(ctx, LEND_ERROR_WRONG_TYPE, EINVAL, device,
		       "it is a bridge, which cannot be lent");
	return lend_error_remedy(
		ctx,
		"lend the devices behind it; the bridge does not block them");
}
