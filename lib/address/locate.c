// SPDX-License-Identifier: MIT
// Finds a device in sysfs by any path that leads to it.

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/above.h"
#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

static int no_device(struct lend_ctx *ctx, const char *path, const char *why)
{
	return lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, NULL, "%s: %s",
			      path, why);
}

/* Records why a path cannot be resolved. */
static int locate_explain(struct lend_ctx *ctx, const char *path, int err)
{
	switch (-err) {
	case ENOENT:
	case ENOTDIR:
		return no_device(ctx, path, "no such device");
	case ELOOP:
	case ENAMETOOLONG:
		return no_device(ctx, path, strerror(-err));
	default:
		return error_system(ctx, -err, NULL, "%s", path);
	}
}

/* Finds the canonical root of sysfs. If canonical begins with the root as
 * spelled, that spelling is canonical too, and no lookup is needed. */
static int find_root(struct lend_ctx *ctx, const char *canonical,
		     char sysfs[SYSFS_PATH])
{
	int err;

	if (sysfs_below(canonical, ctx->sysfs))
		return sysfs_path(sysfs, "%s", ctx->sysfs);
	err = ctx->kernel->realpath(ctx->kernel, ctx->sysfs, sysfs, SYSFS_PATH);
	if (err)
		return error_system(ctx, -err, NULL, "%s", ctx->sysfs);
	return 0;
}

/* Checks that canonical, which path resolved to, is in the tree of devices. */
static int check_place(struct lend_ctx *ctx, const char *path,
		       const char *canonical, const char *sysfs)
{
	const char *rest = sysfs_below(canonical, sysfs);

	if (!rest && strcmp(canonical, sysfs)) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "%s is not in sysfs", path);
		lend_error_evidence(ctx, "it leads to %s", canonical);
		return lend_error_remedy(ctx, "use a path such as "
					      "/sys/bus/pci/devices/"
					      "0000:02:00.0");
	}
	if (rest && sysfs_below(rest, "devices"))
		return 0;
	no_device(ctx, path, "not a device directory");
	return lend_error_evidence(ctx, "it leads to %s", canonical);
}

/* An interface or a disk cannot be lent, but its parent device can. */
static int refuse_class(struct lend_ctx *ctx, const char *path,
			const char *canonical, const char *sysfs,
			const char *class)
{
	char parent[SYSFS_PATH], bus[SYSFS_NAME];

	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, NULL,
		       "%s is a %s class device, not a bus device", path,
		       class);
	strcpy(parent, canonical);
	if (above_step(ctx, parent, sysfs, bus))
		lend_error_remedy(ctx, "name the device it belongs to: %s",
				  strrchr(parent, '/') + 1);
	return -ENODEV;
}

/* The bus in whose list of devices path is; LEND_BUS_OTHER if in none. */
static enum lend_bus locate_listed(const struct lend_ctx *ctx, const char *path)
{
	enum lend_bus bus = LEND_BUS_PCI;
	char list[SYSFS_PATH];

	for (; bus < LEND_BUS_OTHER; bus++)
		if (!sysfs_path(list, "%s/bus/%s/devices", ctx->sysfs,
				address_bus_name(bus)) &&
		    sysfs_below(path, list) &&
		    !strchr(sysfs_below(path, list), '/'))
			break;
	return bus;
}

/* Finds the bus of the device at canonical. */
static int locate_bus(struct lend_ctx *ctx, const char *path,
		      const char *canonical, const char *sysfs,
		      enum lend_bus *bus)
{
	char file[SYSFS_PATH], target[SYSFS_PATH];
	const char *rest = NULL;
	int err;

	*bus = locate_listed(ctx, path);
	if (*bus != LEND_BUS_OTHER)
		return 0;
	err = sysfs_path(file, "%s/subsystem", canonical);
	if (!err)
		err = sysfs_target(ctx, file, target);
	if (err == -ENOENT) {
		*bus = LEND_BUS_OTHER;
		if (!sysfs_path(file, "%s/uevent", canonical) &&
		    sysfs_exists(ctx, file))
			return 0;
	}
	if (err == -ENOENT || err == -ENOTDIR || err == -EINVAL)
		return no_device(ctx, path, "not a device directory");
	if (err)
		return error_system(ctx, -err, NULL, "%s/subsystem", canonical);

	rest = sysfs_below(target, sysfs);
	if (rest && sysfs_below(rest, "class"))
		return refuse_class(ctx, path, canonical, sysfs,
				    sysfs_below(rest, "class"));
	rest = rest ? sysfs_below(rest, "bus") : NULL;
	*bus = LEND_BUS_OTHER;
	for (enum lend_bus b = LEND_BUS_PCI; rest && b < LEND_BUS_OTHER; b++)
		if (!strcmp(rest, address_bus_name(b)))
			*bus = b;
	return 0;
}

/* Returns the number of the device's group, or -errno; -EBADMSG if its link
 * does not point to a group. */
static int read_group(struct lend_ctx *ctx, const char *canonical)
{
	char link[SYSFS_PATH], name[SYSFS_NAME];
	unsigned long number;
	int length = sysfs_path(link, "%s/iommu_group", canonical);

	if (!length)
		length = sysfs_link(ctx, link, name, sizeof(name));
	if (length == -EBADMSG || length == -ENAMETOOLONG || length == -EINVAL)
		return -EBADMSG;
	if (length < 0)
		return length;
	if (name[strspn(name, "0123456789")] || length > 10)
		return -EBADMSG;
	number = strtoul(name, NULL, 10);
	return number > INT_MAX ? -EBADMSG : (int)number;
}

static int locate_make_address(struct lend_ctx *ctx, const char *canonical,
			       enum lend_bus bus, struct lend_address **result)
{
	struct lend_address *address = calloc(1, sizeof(*address));
	char *copy = strdup(canonical);

	if (!address || !copy) {
		free(address);
		free(copy);
		return error_no_memory(ctx, NULL);
	}
	*address = (struct lend_address){
		.refs = 1,
		.ctx = lend_ctx_ref(ctx),
		.path = copy,
		.name = strrchr(copy, '/') + 1,
		.bus = bus,
		.group = read_group(ctx, canonical),
	};
	*result = address;
	return 0;
}

/* Finds the device at canonical, which path resolved to. */
static int find_resolved(struct lend_ctx *ctx, const char *path,
			 const char *canonical, struct lend_address **address)
{
	char sysfs[SYSFS_PATH];
	enum lend_bus bus;
	int err = find_root(ctx, canonical, sysfs);

	if (!err)
		err = check_place(ctx, path, canonical, sysfs);
	if (!err && strlen(strrchr(canonical, '/') + 1) >= SYSFS_NAME)
		err = no_device(ctx, path, strerror(ENAMETOOLONG));
	if (!err)
		err = locate_bus(ctx, path, canonical, sysfs, &bus);
	if (!err)
		err = locate_make_address(ctx, canonical, bus, address);
	return err;
}

/* A bus lists its devices as links. If sysfs is at its usual place, which is no
 * link itself, reading one gives the canonical path with a third of the
 * calls. */
static int locate_follow(struct lend_ctx *ctx, const char *path,
			 char canonical[SYSFS_PATH])
{
	const struct kernel *k = ctx->kernel;

	if (!strcmp(ctx->sysfs, CTX_SYSFS) &&
	    !sysfs_target(ctx, path, canonical))
		return 0;
	return k->realpath(k, path, canonical, SYSFS_PATH);
}

int address_find_if_there(struct lend_ctx *ctx, const char *path,
			  struct lend_address **address)
{
	char canonical[SYSFS_PATH];

	if (locate_follow(ctx, path, canonical))
		return 1;
	return find_resolved(ctx, path, canonical, address);
}

int lend_address_find_path(struct lend_ctx *ctx, const char *path,
			   struct lend_address **address)
{
	char canonical[SYSFS_PATH];
	int err;

	if (!*path)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				      "the device's path is empty");
	err = ctx->kernel->realpath(ctx->kernel, path, canonical,
				    sizeof(canonical));
	if (err)
		return locate_explain(ctx, path, err);
	return find_resolved(ctx, path, canonical, address);
}
