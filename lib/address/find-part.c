// SPDX-License-Identifier: MIT
// Finds a device by what its driver made, an interface, a disk or a node, and
// lists what drivers made.

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <lend/host.h>

#include "lib/address/above.h"
#include "lib/address/address.h"
#include "lib/address/find-part.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

/* Where names are that people have for a device. */
static const struct {
	const char *path;
	const char *kind;
} places[] = {
	{"class/net", "net"},
	{"class/block", "block"},
	{"class/nvme", "nvme"},
	{"class/drm", "drm"},
	{"class/infiniband", "infiniband"},
	{"bus/virtio/devices", "virtio"},
};

/* Which buses have devices that can be lent. */
static bool part_is_lendable(const char *bus)
{
	for (enum lend_bus b = LEND_BUS_PCI; b < LEND_BUS_OTHER; b++)
		if (!strcmp(bus, address_bus_name(b)))
			return true;
	return false;
}

/* A disk of a controller, or an adapter on USB: what is above it has other
 * devices too, so that it must be named itself. path is the part's device, and
 * is changed. */
static int part_refuse(struct lend_ctx *ctx, const char *name,
		       char path[SYSFS_PATH], const char *sysfs,
		       const char *bus)
{
	char above[SYSFS_NAME];

	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, NULL,
		       "%s is on the %s bus, whose devices cannot be lent",
		       name, bus);
	while (above_step(ctx, path, sysfs, above))
		if (part_is_lendable(above))
			return lend_error_remedy(
				ctx,
				"name its controller, with all that is on it: "
				"%s",
				strrchr(path, '/') + 1);
	return -ENODEV;
}

/* Finds the device that the directory at path, canonical, belongs to. A virtio
 * device is the only one of what is above it. Returns 1 if there is none. */
static int part_find_above(struct lend_ctx *ctx, const char *name,
			   char path[SYSFS_PATH], struct lend_address **address)
{
	char sysfs[SYSFS_PATH], bus[SYSFS_NAME] = "";
	int err = ctx->kernel->realpath(ctx->kernel, ctx->sysfs, sysfs,
					sizeof(sysfs));
	bool found;

	if (err)
		return error_system(ctx, -err, NULL, "%s", ctx->sysfs);
	found = above_read_bus(ctx, path, sysfs, bus);
	while ((!found || !strcmp(bus, "virtio")) &&
	       above_step(ctx, path, sysfs, bus))
		found = true;
	if (!found)
		return 1;
	if (!part_is_lendable(bus))
		return part_refuse(ctx, name, path, sysfs, bus);
	err = lend_address_find_path(ctx, path, address);
	if (!err)
		lend_log(ctx, LEND_LOG_INFO, "%s is %s", name,
			 lend_address_name(*address));
	return err;
}

static int part_refuse_virtual(struct lend_ctx *ctx, const char *name)
{
	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, NULL,
		       "%s belongs to no device of a bus", name);
	return lend_error_remedy(ctx, "lend list shows the devices");
}

int find_part(struct lend_ctx *ctx, const char *name,
	      struct lend_address **address)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH], canonical[SYSFS_PATH];

	if (!*name || strchr(name, '/') || *name == '.')
		return 1;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int err;

		if (sysfs_path(path, "%s/%s/%s", ctx->sysfs, places[i].path,
			       name) ||
		    k->realpath(k, path, canonical, sizeof(canonical)))
			continue;
		err = part_find_above(ctx, name, canonical, address);
		return err > 0 ? part_refuse_virtual(ctx, name) : err;
	}
	return 1;
}

int find_part_node(struct lend_ctx *ctx, const char *path,
		   struct lend_address **address)
{
	const struct kernel *k = ctx->kernel;
	char link[SYSFS_PATH], canonical[SYSFS_PATH];
	struct stat st;

	if (k->stat(k, path, &st) ||
	    (!S_ISBLK(st.st_mode) && !S_ISCHR(st.st_mode)) ||
	    sysfs_path(link, "%s/dev/%s/%u:%u", ctx->sysfs,
		       S_ISBLK(st.st_mode) ? "block" : "char",
		       major(st.st_rdev), minor(st.st_rdev)) ||
	    k->realpath(k, link, canonical, sizeof(canonical)))
		return 1;
	return part_find_above(ctx, path, canonical, address);
}

/* What is below another of its class, as a partition is, has its name from that
 * one. */
static bool part_is_nested(struct lend_ctx *ctx, const char *path,
			   const char *kind)
{
	char above[SYSFS_PATH], link[SYSFS_PATH], target[SYSFS_PATH];
	char *slash;

	strcpy(above, path);
	slash = strrchr(above, '/');
	if (!slash)
		return false;
	*slash = '\0';
	if (sysfs_path(link, "%s/subsystem", above) ||
	    sysfs_target(ctx, link, target))
		return false;
	slash = strrchr(target, '/');
	return slash && !strcmp(slash + 1, kind);
}

/* Cuts path to the device that can be lent and that the part belongs to. */
static bool part_cut(struct lend_ctx *ctx, char path[SYSFS_PATH],
		     const char *sysfs)
{
	char bus[SYSFS_NAME];

	while (above_step(ctx, path, sysfs, bus))
		if (part_is_lendable(bus))
			return true;
	return false;
}

struct part_list {
	const char *sysfs; /* canonical */
	int (*each)(void *opaque, const char *device, const char *kind,
		    const char *name);
	void *opaque;
};

static int part_list_place(struct lend_ctx *ctx, const struct part_list *list,
			   const char *place, const char *kind)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH], canonical[SYSFS_PATH];
	struct sysfs_names names;
	int result = 0;

	if (sysfs_path(path, "%s/%s", ctx->sysfs, place) ||
	    sysfs_list(ctx, path, &names))
		return 0;
	for (unsigned int i = 0; i < names.count && !result; i++) {
		if (sysfs_path(path, "%s/%s/%s", ctx->sysfs, place,
			       names.names[i]) ||
		    k->realpath(k, path, canonical, sizeof(canonical)) ||
		    part_is_nested(ctx, canonical, kind) ||
		    !part_cut(ctx, canonical, list->sysfs))
			continue;
		result = list->each(list->opaque, canonical, kind,
				    names.names[i]);
	}
	sysfs_names_free(&names);
	return result;
}

int lend_host_names(struct lend_ctx *ctx,
		    int (*each)(void *opaque, const char *device,
				const char *kind, const char *name),
		    void *opaque)
{
	char sysfs[SYSFS_PATH];
	const struct part_list list = {sysfs, each, opaque};
	int result = ctx->kernel->realpath(ctx->kernel, ctx->sysfs, sysfs,
					   sizeof(sysfs));

	if (result)
		return error_system(ctx, -result, NULL, "%s", ctx->sysfs);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]) && !result;
	     i++)
		result = part_list_place(ctx, &list, places[i].path,
					 places[i].kind);
	return result;
}
