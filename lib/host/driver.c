// SPDX-License-Identifier: MIT
// Host drivers of devices: which has one, and how it gets another.

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

int change_failed(struct lend_ctx *ctx, int error, const char *device,
		  const char *what, const char *path)
{
	if (error != EACCES && error != EPERM && error != EROFS)
		return error_system(ctx, error, device, "%s %s", what, path);
	lend_error_set(ctx, LEND_ERROR_PERMISSION, EACCES, device, "%s %s: %s",
		       what, path, strerror(error));
	if (error == EROFS)
		return lend_error_remedy(ctx, "run it where the file system "
					      "can be written to, not in a "
					      "container");
	return lend_error_remedy(ctx, "run it as root (sudo)");
}

static int device_path(struct lend_ctx *ctx, const struct vfio_bus *bus,
		       const char *device, const char *file,
		       char path[SYSFS_PATH])
{
	int error = sysfs_path(path, "%s/bus/%s/devices/%s/%s", ctx->sysfs,
			       bus->name, device, file);

	return error ? error_system(ctx, -error, device, "%s", file) : 0;
}

int driver_get(struct lend_ctx *ctx, const struct vfio_bus *bus,
	       const char *device, char driver[SYSFS_NAME])
{
	char path[SYSFS_PATH];
	int error = device_path(ctx, bus, device, "driver", path);

	driver[0] = '\0';
	if (error)
		return error;
	error = sysfs_link(ctx, path, driver, SYSFS_NAME);
	if (error < 0 && error != -ENOENT)
		return error_system(ctx, -error, device, "read %s", path);
	return 0;
}

int driver_get_override(struct lend_ctx *ctx, const struct vfio_bus *bus,
			const char *device, char driver[SYSFS_NAME])
{
	char path[SYSFS_PATH];
	int error = device_path(ctx, bus, device, "driver_override", path);

	if (error)
		return error;
	error = sysfs_read(ctx, path, driver, SYSFS_NAME);
	if (error < 0)
		return error_system(ctx, -error, device, "read %s", path);
	/* How the kernel prints an override that is not set. */
	if (!strcmp(driver, "(null)"))
		driver[0] = '\0';
	return 0;
}

int driver_set_override(struct lend_ctx *ctx, const struct vfio_bus *bus,
			const char *device, const char *driver)
{
	char path[SYSFS_PATH], line[SYSFS_NAME + 1];
	int error = device_path(ctx, bus, device, "driver_override", path);

	if (error)
		return error;
	/* A newline alone clears it. */
	snprintf(line, sizeof(line), "%s\n", driver);
	error = sysfs_write(ctx, path, line);
	if (error)
		return change_failed(ctx, -error, device, "write", path);
	return 0;
}

int driver_unbind(struct lend_ctx *ctx, const struct vfio_bus *bus,
		  const char *device)
{
	char path[SYSFS_PATH], driver[SYSFS_NAME];
	int error = driver_get(ctx, bus, device, driver);

	if (error || !driver[0])
		return error;
	error = device_path(ctx, bus, device, "driver/unbind", path);
	if (error)
		return error;
	lend_log(ctx, LEND_LOG_INFO, "%s: taking it from %s", device, driver);
	error = sysfs_write(ctx, path, device);
	if (error)
		return change_failed(ctx, -error, device, "write", path);
	error = driver_get(ctx, bus, device, driver);
	if (!error && driver[0])
		return lend_error_set(ctx, LEND_ERROR_HOST_DRIVER, EIO, device,
				      "%s did not let go of it", driver);
	return error;
}

/* Why vfio-platform refuses more often than other drivers. */
static void explain_platform(struct lend_ctx *ctx, const char *device)
{
	char path[SYSFS_PATH], waits[8];

	if (!sysfs_path(path, "%s/bus/platform/devices/%s/waiting_for_supplier",
			ctx->sysfs, device) &&
	    sysfs_read(ctx, path, waits, sizeof(waits)) > 0 &&
	    waits[0] == '1') {
		lend_error_evidence(ctx, "the kernel makes it wait for the "
					 "driver of a device that its node "
					 "refers to");
		lend_error_remedy(ctx, "load that driver, or boot the host "
				       "with fw_devlink=off");
		return;
	}
	lend_error_remedy(ctx, "if the kernel has no reset module for it: "
			       "modprobe -r vfio-platform; modprobe "
			       "vfio-platform reset_required=0");
}

/* Lets the kernel look for the driver, and looks which it found. */
static int probe(struct lend_ctx *ctx, const struct vfio_bus *bus,
		 const char *device, const char *driver)
{
	char path[SYSFS_PATH], now[SYSFS_NAME];
	int error, write_error;

	error = sysfs_path(path, "%s/bus/%s/drivers_probe", ctx->sysfs,
			   bus->name);
	if (error)
		return error_system(ctx, -error, device, "%s", ctx->sysfs);
	lend_log(ctx, LEND_LOG_INFO, "%s: giving it to %s", device, driver);
	write_error = sysfs_write(ctx, path, device);
	error = driver_get(ctx, bus, device, now);
	if (error || !strcmp(now, driver))
		return error;
	if (write_error == -EACCES || write_error == -EPERM ||
	    write_error == -EROFS)
		return change_failed(ctx, -write_error, device, "write", path);

	lend_error_set(ctx, LEND_ERROR_HOST_DRIVER, EIO, device,
		       "%s did not take it: %s%s", driver,
		       now[0] ? now : "no driver", now[0] ? " has it" : " did");
	if (write_error)
		lend_error_evidence(ctx, "write %s: %s", path,
				    strerror(-write_error));
	if (bus->bus == LEND_BUS_PLATFORM && !strcmp(driver, bus->driver))
		explain_platform(ctx, device);
	return lend_error_remedy(ctx,
				 "the kernel's log may say why: dmesg | "
				 "grep -e %s -e %s",
				 device, driver);
}

int driver_move(struct lend_ctx *ctx, const struct vfio_bus *bus,
		const char *device, const char *driver)
{
	/* Set first, so that no other driver can take it in between. */
	int error = driver_set_override(ctx, bus, device, driver);

	if (!error)
		error = driver_unbind(ctx, bus, device);
	if (!error)
		error = probe(ctx, bus, device, driver);
	return error;
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
	return lend_error_remedy(ctx, "lend the devices behind it; it does "
				      "not stand in their way");
}
