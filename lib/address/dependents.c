// SPDX-License-Identifier: MIT
// The devices that exist, or have their drivers, only while another device is
// bound to its driver.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/address.h"
#include "lib/address/dependents.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"

struct dependents_walk {
	struct lend_ctx *ctx;
	const char *path; /* of the device that makes them */
	int (*each)(void *opaque, const struct dependent *d);
	void *opaque;
};

static int dependents_found(const struct dependents_walk *walk,
			    enum dependent_kind kind, const char *path)
{
	const struct dependent d = {
		.name = strrchr(path, '/') + 1,
		.path = path,
		.kind = kind,
	};

	return walk->each(walk->opaque, &d);
}

/* A link, of a device that is driven thanks to this one, leads to an entry of
 * the class devlink. The kernel unbinds those that are active. */
static int dependents_visit_consumer(const struct dependents_walk *walk,
				     const char *name)
{
	char link[SYSFS_PATH], file[SYSFS_PATH], consumer[SYSFS_PATH];
	char status[32];

	if (sysfs_path(link, "%s/%s", walk->path, name) ||
	    sysfs_target(walk->ctx, link, consumer) ||
	    sysfs_path(file, "%s/status", consumer) ||
	    sysfs_read(walk->ctx, file, status, sizeof(status)) < 0 ||
	    strcmp(status, "active") ||
	    sysfs_path(link, "%s/consumer", consumer) ||
	    sysfs_target(walk->ctx, link, consumer))
		return 0;
	return dependents_found(walk, DEPENDENT_CONSUMER, consumer);
}

static bool dependents_has_prefix(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

/* Visits what the device's own directory links to. */
static int dependents_visit_links(const struct dependents_walk *walk,
				  bool *has_vfs)
{
	struct sysfs_names names;
	int result = sysfs_list(walk->ctx, walk->path, &names);

	*has_vfs = false;
	if (result)
		return result == -ENOENT ? 0 : result;
	for (unsigned int i = 0; i < names.count && !result; i++) {
		const char *name = names.names[i];
		char link[SYSFS_PATH], path[SYSFS_PATH];

		if (dependents_has_prefix(name, "consumer:"))
			result = dependents_visit_consumer(walk, name);
		if (!dependents_has_prefix(name, "virtfn") ||
		    sysfs_path(link, "%s/%s", walk->path, name) ||
		    sysfs_target(walk->ctx, link, path))
			continue;
		*has_vfs = true;
		result = dependents_found(walk, DEPENDENT_VF, path);
	}
	sysfs_names_free(&names);
	return result;
}

static bool dependents_is_vf(struct lend_ctx *ctx, const char *maker,
			     const char *path, size_t length)
{
	char link[SYSFS_PATH], physical[SYSFS_PATH];

	return !sysfs_path(link, "%.*s/physfn", (int)length, path) &&
	       !sysfs_target(ctx, link, physical) && !strcmp(physical, maker);
}

/* Whether a device is a virtual function of another, or below one. */
static bool dependents_is_below_vf(struct lend_ctx *ctx, const char *maker,
				   const char *path)
{
	for (const char *end = path; (end = strchr(end + 1, '/'));)
		if (dependents_is_vf(ctx, maker, path, (size_t)(end - path)))
			return true;
	return dependents_is_vf(ctx, maker, path, strlen(path));
}

bool dependents_include(struct lend_ctx *ctx, const char *maker,
			const char *path)
{
	return sysfs_below(path, maker) ||
	       dependents_is_below_vf(ctx, maker, path);
}

static bool dependents_is_on(const struct dependents_walk *walk,
			     const char *path, const char *bus)
{
	char link[SYSFS_PATH], name[SYSFS_NAME];

	return !sysfs_path(link, "%s/subsystem", path) &&
	       sysfs_link(walk->ctx, link, name, sizeof(name)) > 0 &&
	       !strcmp(name, bus);
}

/* Visits the devices that a directory links to, if they are below the device or
 * below its virtual functions. */
static int dependents_visit_all(const struct dependents_walk *walk,
				const char *dir, enum dependent_kind kind,
				bool has_vfs)
{
	const struct kernel *k = walk->ctx->kernel;
	char devices[SYSFS_PATH], link[SYSFS_PATH], path[SYSFS_PATH];
	struct sysfs_names names;
	int result = k->realpath(k, dir, devices, sizeof(devices));

	if (!result)
		result = sysfs_list(walk->ctx, devices, &names);
	if (result)
		return result == -ENOENT ? 0 : result;
	for (unsigned int i = 0; i < names.count && !result; i++) {
		if (sysfs_path(link, "%s/%s", devices, names.names[i]) ||
		    sysfs_target(walk->ctx, link, path))
			continue;
		if (!sysfs_below(path, walk->path) &&
		    (!has_vfs ||
		     dependents_is_vf(walk->ctx, walk->path, path,
				      strlen(path)) ||
		     !dependents_is_below_vf(walk->ctx, walk->path, path)))
			continue;
		/* Those were visited as devices of their bus. */
		if (kind == DEPENDENT_PART &&
		    (dependents_is_on(walk, path, "pci") ||
		     dependents_is_on(walk, path, "mdev")))
			continue;
		result = dependents_found(walk, kind, path);
	}
	sysfs_names_free(&names);
	return result;
}

static int dependents_visit_bus(const struct dependents_walk *walk,
				const char *bus, enum dependent_kind kind,
				bool has_vfs)
{
	char dir[SYSFS_PATH];
	int err = sysfs_path(dir, "%s/bus/%s/devices", walk->ctx->sysfs, bus);

	return err ? err : dependents_visit_all(walk, dir, kind, has_vfs);
}

/* Whatever VFIO can assign is in an IOMMU group. */
static int dependents_visit_groups(const struct dependents_walk *walk,
				   bool has_vfs)
{
	char groups[SYSFS_PATH], dir[SYSFS_PATH];
	struct sysfs_names names;
	int result =
		sysfs_path(groups, "%s/kernel/iommu_groups", walk->ctx->sysfs);

	if (!result)
		result = sysfs_list(walk->ctx, groups, &names);
	if (result)
		return result == -ENOENT ? 0 : result;
	for (unsigned int i = 0; i < names.count && !result; i++) {
		result = sysfs_path(dir, "%s/%s/devices", groups,
				    names.names[i]);
		if (!result)
			result = dependents_visit_all(walk, dir, DEPENDENT_PART,
						      has_vfs);
	}
	sysfs_names_free(&names);
	return result;
}

int dependents_list(struct lend_ctx *ctx, const char *path,
		    int (*each)(void *opaque, const struct dependent *d),
		    void *opaque)
{
	const struct dependents_walk walk = {ctx, path, each, opaque};
	bool has_vfs;
	int result = dependents_visit_links(&walk, &has_vfs);

	if (!result)
		result = dependents_visit_bus(&walk, "pci", DEPENDENT_FUNCTION,
					      has_vfs);
	if (!result)
		result = dependents_visit_bus(&walk, "mdev", DEPENDENT_MDEV,
					      has_vfs);
	if (!result)
		result = dependents_visit_groups(&walk, has_vfs);
	return result;
}

bool lend_address_depends(const struct lend_address *address,
			  const struct lend_address *maker)
{
	return dependents_include(address->ctx, maker->path, address->path);
}

/* How many there are of each kind. */
struct dependent_counts {
	unsigned int of[DEPENDENT_PART + 1];
	unsigned int all;
};

static int dependents_count_one(void *opaque, const struct dependent *d)
{
	struct dependent_counts *counts = opaque;

	counts->of[d->kind]++;
	counts->all++;
	return 0;
}

static int dependents_check_holder(void *opaque, const struct dependent *d)
{
	return d->kind == DEPENDENT_CONSUMER
		       ? 0
		       : holders_check_device(opaque, d->name, d->path);
}

int dependents_check_holders(struct lend_ctx *ctx, const char *device,
			     const char *path)
{
	int err = dependents_list(ctx, path, dependents_check_holder, ctx);

	if (err == -EBUSY)
		return lend_error_evidence(
			ctx, "it exists only through the driver of %s", device);
	return err < 0 ? error_system(ctx, -err, device,
				      "list the devices that depend on %s",
				      path)
		       : 0;
}

/* What each kind is called, and how its devices are removed: by a command with
 * the device that makes them, or with their own names. */
static const struct {
	const char *text;
	const char *maker_remedy;
	const char *own_remedy;
} dependent_kinds[] = {
	[DEPENDENT_VF] = {"virtual functions, which its driver makes",
			  "lend sriov %s 0", NULL},
	[DEPENDENT_FUNCTION] = {"PCI functions, which its driver makes", NULL,
				NULL},
	[DEPENDENT_MDEV] = {"mediated devices, which its driver makes", NULL,
			    "lend mdev remove%s"},
	[DEPENDENT_CONSUMER] = {"devices that lose their drivers with it", NULL,
				NULL},
};

enum { DEPENDENT_KINDS = sizeof(dependent_kinds) / sizeof(dependent_kinds[0]) };

/* The names of one kind, each after a space. */
struct dependent_names {
	enum dependent_kind kind;
	unsigned int count;
	size_t used;
	char text[400];
};

static int dependents_add_name(void *opaque, const struct dependent *d)
{
	struct dependent_names *names = opaque;
	size_t left = sizeof(names->text) - names->used;

	if (d->kind != names->kind)
		return 0;
	names->count++;
	if (strlen(d->name) + sizeof(" ...") + 1 > left)
		return 0;
	names->used += (size_t)snprintf(names->text + names->used, left, " %s",
					d->name);
	return 0;
}

static unsigned int dependents_get_names(struct lend_ctx *ctx, const char *path,
					 enum dependent_kind kind,
					 struct dependent_names *names)
{
	*names = (struct dependent_names){.kind = kind};
	if (dependents_list(ctx, path, dependents_add_name, names))
		return 0;
	return names->count;
}

unsigned int dependents_name(struct lend_ctx *ctx, const char *path,
			     void (*line)(void *opaque, const char *text),
			     void *opaque)
{
	struct dependent_counts counts = {0};
	struct dependent_names names;
	char text[512];

	dependents_list(ctx, path, dependents_count_one, &counts);
	for (int kind = 0; kind < DEPENDENT_KINDS; kind++) {
		if (!counts.of[kind] ||
		    !dependents_get_names(ctx, path, kind, &names))
			continue;
		snprintf(text, sizeof(text), "%s:%s",
			 dependent_kinds[kind].text, names.text);
		line(opaque, text);
	}
	return counts.all - counts.of[DEPENDENT_PART];
}

void dependents_add_remedies(struct lend_ctx *ctx, const char *device,
			     const char *path)
{
	struct dependent_names names;

	for (int kind = 0; kind < DEPENDENT_KINDS; kind++) {
		const char *maker = dependent_kinds[kind].maker_remedy;
		const char *own = dependent_kinds[kind].own_remedy;

		if ((!maker && !own) ||
		    !dependents_get_names(ctx, path, kind, &names))
			continue;
		lend_error_remedy(ctx, maker ? maker : own,
				  maker ? device : names.text);
	}
}

static void dependents_add_evidence(void *opaque, const char *text)
{
	lend_error_evidence(opaque, "%s", text);
}

void dependents_add_maker_remedy(struct lend_ctx *ctx, const char *maker)
{
	lend_error_remedy(ctx, "lend bind %s, which is then lent as a whole",
			  maker);
	lend_error_remedy(ctx, "or separate their IOMMU groups: enable ACS in "
			       "the firmware setup, or use another slot");
}

static int dependents_refuse(struct lend_ctx *ctx, const char *device,
			     const char *path)
{
	lend_error_set(ctx, LEND_ERROR_IN_USE, EBUSY, device,
		       "other devices depend on its driver");
	dependents_name(ctx, path, dependents_add_evidence, ctx);
	dependents_add_remedies(ctx, device, path);
	return -EBUSY;
}

int dependents_check(struct lend_ctx *ctx, const char *device, const char *path,
		     bool force, bool *has_some)
{
	struct dependent_counts counts = {0};
	int err = dependents_list(ctx, path, dependents_count_one, &counts);

	*has_some = counts.all > counts.of[DEPENDENT_PART];
	if (err < 0)
		return error_system(ctx, -err, device,
				    "list the devices that depend on %s", path);
	if (*has_some && !force)
		return dependents_refuse(ctx, device, path);
	return counts.all ? dependents_check_holders(ctx, device, path) : 0;
}
