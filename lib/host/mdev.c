// SPDX-License-Identifier: MIT
// Mediated devices: lists the types of their parents, creates and removes them.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/mdev.h>

#include "lib/address/address.h"
#include "lib/address/bdf.h"
#include "lib/address/holders.h"
#include "lib/address/value.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/host/driver.h"

enum { MDEV_SECONDS = 30 };

/* Builds the path of the directory with a parent's types. */
static int mdev_types_path(struct lend_ctx *ctx, const char *parent,
			   char path[SYSFS_PATH])
{
	return sysfs_path(path, "%s/class/mdev_bus/%s/mdev_supported_types",
			  ctx->sysfs, parent);
}

static bool mdev_is_name(const char *name)
{
	return *name && !strchr(name, '/') && strcmp(name, ".") &&
	       strcmp(name, "..") && strlen(name) < SYSFS_NAME;
}

static int mdev_list_parents(struct lend_ctx *ctx, struct sysfs_names *parents)
{
	char path[SYSFS_PATH];
	int err = sysfs_path(path, "%s/class/mdev_bus", ctx->sysfs);

	parents->names = NULL;
	parents->count = 0;
	if (!err)
		err = sysfs_list(ctx, path, parents);
	if (err && err != -ENOENT)
		return error_system(ctx, -err, NULL, "list %s", path);
	return 0;
}

static int mdev_no_parent(struct lend_ctx *ctx, const char *typed)
{
	struct sysfs_names parents;
	int err = mdev_list_parents(ctx, &parents);

	if (err)
		return err;
	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, typed,
		       "it is not a parent of mediated devices");
	for (unsigned int i = 0; i < parents.count; i++)
		lend_error_evidence(ctx, "parent: %s", parents.names[i]);
	if (!parents.count)
		lend_error_evidence(ctx,
				    "this machine has no parents: no driver "
				    "that creates mediated devices is loaded");
	sysfs_names_free(&parents);
	return -ENODEV;
}

/* Finds a parent's name in /sys/class/mdev_bus by any spelling of its
 * address. */
static int mdev_find_parent(struct lend_ctx *ctx, const char *typed,
			    char name[SYSFS_NAME])
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH], canonical[SYSFS_PATH];
	const char *last = typed;
	struct bdf bdf;

	if (strchr(typed, '/')) {
		if (k->realpath(k, typed, canonical, sizeof(canonical)) < 0)
			return mdev_no_parent(ctx, typed);
		last = strrchr(canonical, '/') + 1;
	}
	if (!mdev_is_name(last))
		return mdev_no_parent(ctx, typed);
	snprintf(name, SYSFS_NAME, "%s", last);
	if (!bdf_parse(typed, &bdf))
		bdf_print(&bdf, name);
	if (mdev_types_path(ctx, name, path) || !sysfs_exists(ctx, path))
		return mdev_no_parent(ctx, typed);
	return 0;
}

/* Reads an attribute of a type as one line, "" if it has none. */
static void mdev_read_line(struct lend_ctx *ctx, const char *type,
			   const char *name, char *text, size_t size)
{
	char path[SYSFS_PATH];

	if (sysfs_path(path, "%s/%s", type, name) ||
	    sysfs_read(ctx, path, text, size) < 0)
		text[0] = '\0';
	for (char *c = text; *c; c++)
		if (*c == '\n')
			*c = ' ';
}

static int mdev_visit_type(struct lend_ctx *ctx, const char *parent,
			   const char *types, const char *type,
			   int (*each)(void *opaque,
				       const struct lend_mdev_type *type),
			   void *opaque)
{
	char path[SYSFS_PATH], name[256], description[1024], api[64], count[16];
	struct lend_mdev_type result = {
		.parent = parent,
		.type = type,
		.name = name,
		.description = description,
		.api = api,
	};

	if (sysfs_path(path, "%s/%s", types, type))
		return 0;
	mdev_read_line(ctx, path, "name", name, sizeof(name));
	mdev_read_line(ctx, path, "description", description,
		       sizeof(description));
	mdev_read_line(ctx, path, "device_api", api, sizeof(api));
	mdev_read_line(ctx, path, "available_instances", count, sizeof(count));
	result.available = value_check_number(count) ? -1 : atoi(count);
	return each(opaque, &result);
}

static int mdev_list_types(struct lend_ctx *ctx, const char *parent,
			   int (*each)(void *opaque,
				       const struct lend_mdev_type *type),
			   void *opaque)
{
	struct sysfs_names types;
	char path[SYSFS_PATH];
	int result = mdev_types_path(ctx, parent, path);

	if (!result)
		result = sysfs_list(ctx, path, &types);
	if (result)
		return error_system(ctx, -result, parent, "list %s", path);
	for (unsigned int i = 0; i < types.count && !result; i++)
		result = mdev_visit_type(ctx, parent, path, types.names[i],
					 each, opaque);
	sysfs_names_free(&types);
	return result;
}

int lend_mdev_types(struct lend_ctx *ctx, const char *parent,
		    int (*each)(void *opaque,
				const struct lend_mdev_type *type),
		    void *opaque)
{
	struct sysfs_names parents;
	char name[SYSFS_NAME];
	int result;

	if (parent) {
		result = mdev_find_parent(ctx, parent, name);
		return result ? result
			      : mdev_list_types(ctx, name, each, opaque);
	}
	result = mdev_list_parents(ctx, &parents);
	for (unsigned int i = 0; i < parents.count && !result; i++)
		result = mdev_list_types(ctx, parents.names[i], each, opaque);
	sysfs_names_free(&parents);
	return result;
}

static int mdev_no_type(struct lend_ctx *ctx, const char *parent,
			const char *type)
{
	struct sysfs_names types = {0};
	char path[SYSFS_PATH];

	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, parent,
		       "it has no mediated device type '%s'", type);
	if (!mdev_types_path(ctx, parent, path) &&
	    !sysfs_list(ctx, path, &types))
		for (unsigned int i = 0; i < types.count; i++)
			lend_error_evidence(ctx, "supported type: %s",
					    types.names[i]);
	sysfs_names_free(&types);
	return -ENODEV;
}

static int mdev_explain_create(struct lend_ctx *ctx, int err,
			       const char *parent, const char *type,
			       const char *uuid, const char *path)
{
	switch (err) {
	case EEXIST:
		lend_error_set(ctx, LEND_ERROR_ATTACHED, EEXIST, uuid,
			       "a mediated device with this UUID exists");
		return lend_error_remedy(ctx,
					 "lend mdev remove %s, or choose "
					 "another UUID",
					 uuid);
	case ENOSPC:
	case EUSERS:
		lend_error_set(ctx, LEND_ERROR_LIMIT, ENOSPC, parent,
			       "no more instances of type %s are available",
			       type);
		return lend_error_remedy(
			ctx, "lend mdev types %s shows the available instances",
			parent);
	default:
		return change_failed(ctx, err, parent, "write", path);
	}
}

int lend_mdev_create(struct lend_ctx *ctx, const char *parent, const char *type,
		     const char *uuid, struct lend_address **address)
{
	char types[SYSFS_PATH], path[SYSFS_PATH], name[SYSFS_NAME];
	const char *wrong = value_check_uuid(uuid);
	int err;

	if (wrong) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "'%s' is not a UUID", uuid);
		return lend_error_evidence(ctx, "%s", wrong);
	}
	err = mdev_find_parent(ctx, parent, name);
	if (err)
		return err;
	if (!mdev_is_name(type) || mdev_types_path(ctx, name, types) ||
	    sysfs_path(path, "%s/%s/create", types, type) ||
	    !sysfs_exists(ctx, path))
		return mdev_no_type(ctx, name, type);
	err = sysfs_write_apart(ctx, path, uuid, -1, MDEV_SECONDS);
	if (err)
		return mdev_explain_create(ctx, -err, name, type, uuid, path);
	return lend_address_find_host(ctx, LEND_BUS_MDEV, uuid, address);
}

int lend_mdev_remove(const struct lend_address *address)
{
	struct lend_ctx *ctx = address->ctx;
	char path[SYSFS_PATH];
	int err;

	if (address->bus != LEND_BUS_MDEV)
		return lend_error_set(ctx, LEND_ERROR_WRONG_TYPE, EINVAL,
				      address->name,
				      "it is not a mediated device");
	err = holders_check_device(ctx, address->name, address->path);
	if (err)
		return err;
	err = sysfs_path(path, "%s/remove", address->path);
	if (!err)
		err = sysfs_write_apart(ctx, path, "1", -1, MDEV_SECONDS);
	if (err == -ETIMEDOUT)
		return change_is_late(ctx, address->name, address->path, path,
				      MDEV_SECONDS);
	if (err)
		return change_failed(ctx, -err, address->name, "write", path);
	return 0;
}
