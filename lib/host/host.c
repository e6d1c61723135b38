// SPDX-License-Identifier: MIT
// Lists the devices of the host, changes the owner of their nodes, and resets
// them through sysfs.

#include <errno.h>
#include <unistd.h>

#include <lend/host.h>

#include "lib/address/address.h"
#include "lib/address/dependents.h"
#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/host/driver.h"

/* The kernel waits up to a minute for a device after a reset. */
enum { RESET_SECONDS = 90 };

static int host_visit(struct lend_ctx *ctx, const char *directory,
		      const char *name,
		      int (*each)(void *opaque, struct lend_address *address),
		      void *opaque)
{
	struct lend_address *address;
	struct error_record record;
	char path[SYSFS_PATH];
	int result;

	if (sysfs_path(path, "%s/%s", directory, name))
		return 0;
	error_save(ctx, &record);
	if (lend_address_find_path(ctx, path, &address)) {
		error_reinstate(ctx, &record);
		return 0;
	}
	result = each(opaque, address);
	lend_address_unref(address);
	return result;
}

int lend_host_list(struct lend_ctx *ctx, enum lend_bus bus,
		   int (*each)(void *opaque, struct lend_address *address),
		   void *opaque)
{
	const char *bus_name = address_bus_name(bus);
	struct sysfs_names names;
	char path[SYSFS_PATH];
	int result;

	if (!bus_name)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				      "devices on this bus cannot be listed");
	result = sysfs_path(path, "%s/bus/%s/devices", ctx->sysfs, bus_name);
	if (!result)
		result = sysfs_list(ctx, path, &names);
	if (result == -ENOENT)
		return 0;
	if (result)
		return error_system(ctx, -result, NULL, "list %s", path);
	for (unsigned int i = 0; i < names.count && !result; i++)
		result = host_visit(ctx, path, names.names[i], each, opaque);
	sysfs_names_free(&names);
	return result;
}

/* Builds the path of the device's own node, "" if it has none. */
static int node_path(const struct lend_address *address, char path[SYSFS_PATH])
{
	char name[SYSFS_NAME];
	int err = sysfs_path(path, "%s/vfio-dev", address->path);

	if (err)
		return err;
	if (sysfs_first(address->ctx, path, name)) {
		path[0] = '\0';
		return 0;
	}
	return sysfs_path(path, "%s/vfio/devices/%s", address->ctx->dev, name);
}

/* Reads the group again: some devices get one only when they are bound. */
static int group_now(const struct lend_address *address)
{
	struct lend_address *now;
	int group = lend_address_find_path(address->ctx, address->path, &now);

	if (group)
		return group;
	group = lend_address_group(now);
	lend_address_unref(now);
	return group;
}

/* Returns 1, 0 if the node does not exist, or -errno with a record. */
static int host_give_node(const struct lend_address *address, const char *path,
			  unsigned int uid)
{
	const struct kernel *k = address->ctx->kernel;
	int err = path[0] ? k->chown(k, path, uid) : -ENOENT;

	if (!err)
		return 1;
	return err == -ENOENT ? 0
			      : change_failed(address->ctx, -err, address->name,
					      "change the owner of", path);
}

/* A kernel may have groups' nodes, devices' nodes, or both. */
int lend_host_give(const struct lend_address *address, unsigned int uid)
{
	int group = group_now(address);
	char path[SYSFS_PATH], node[SYSFS_PATH];
	int err, given, own;

	if (group < 0)
		return group;
	err = group_node_path(address->ctx, (unsigned int)group, false, path);
	if (!err)
		err = node_path(address, node);
	if (err)
		return err;
	given = host_give_node(address, path, uid);
	own = given < 0 ? given : host_give_node(address, node, uid);
	if (own < 0)
		return own;
	return given || own ? 0
			    : lend_error_set(address->ctx, LEND_ERROR_NO_VFIO,
					     ENOENT, address->name,
					     "%s does not exist", path);
}

int lend_host_reset(const struct lend_address *address)
{
	struct lend_ctx *ctx = address->ctx;
	char path[SYSFS_PATH];
	int err = dependents_check_holders(ctx, address->name, address->path);

	if (err)
		return err;
	err = sysfs_path(path, "%s/reset", address->path);
	if (!err)
		err = sysfs_write_apart(ctx, path, "1", -1, RESET_SECONDS);
	switch (-err) {
	case 0:
		return 0;
	case ETIMEDOUT:
		return change_is_late(ctx, address->name, address->path, path,
				      RESET_SECONDS);
	case ENOENT:
	case ENOTTY:
		return lend_error_set(ctx, LEND_ERROR_DEVICE, ENOTSUP,
				      address->name,
				      "it has no reset of its own");
	default:
		return change_failed(ctx, -err, address->name, "write", path);
	}
}
