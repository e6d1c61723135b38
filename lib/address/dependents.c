// SPDX-License-Identifier: MIT
// The devices that exist, or have their drivers, only while another device is
// bound to its driver.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/address.h"
#include "lib/address/dependents.h"
#include "lib/base/context.h"
#include "lib/base/places.h"

struct dependents_walk {
	struct lend_ctx *ctx;
	const char *path; /* of the device that makes them */
	struct dependents *found;
};

static int dependents_add(const struct dependents_walk *walk,
			  enum dependent_kind kind, const char *path)
{
	struct dependents *found = walk->found;
	struct dependent *d;
	void *grown;

	grown = realloc(found->entries,
			(found->count + 1UL) * sizeof(found->entries[0]));
	if (!grown)
		return -ENOMEM;
	found->entries = grown;
	d = &found->entries[found->count];
	d->kind = kind;
	d->path = strdup(path);
	if (!d->path)
		return -ENOMEM;
	d->name = strrchr(d->path, '/') + 1;
	found->count++;
	return 0;
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
	return dependents_add(walk, DEPENDENT_CONSUMER, consumer);
}

static bool dependents_has_prefix(const char *name, const char *prefix)
{
	return !strncmp(name, prefix, strlen(prefix));
}

/* Visits what the device's own directory links to. */
static int dependents_visit_links(const struct dependents_walk *walk)
{
	struct sysfs_names names;
	int result = sysfs_list(walk->ctx, walk->path, &names);

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
		result = dependents_add(walk, DEPENDENT_VF, path);
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

static int dependents_visit_below(const struct dependents_walk *walk,
				  const struct places *places, const char *path,
				  enum dependent_kind kind)
{
	unsigned int end, i = places_below(places, path, &end);
	int err = 0;

	for (; i < end && !err; i++) {
		const char *below = places->entries[i].path;

		/* Those were visited as devices of their bus. */
		if (kind == DEPENDENT_PART &&
		    (dependents_is_on(walk, below, "pci") ||
		     dependents_is_on(walk, below, "mdev")))
			continue;
		err = dependents_add(walk, kind, below);
	}
	return err;
}

/* Visits the devices of one kind that are below the device, or below its
 * virtual functions, which are among the first @linked that were found. */
static int dependents_visit_all(const struct dependents_walk *walk,
				enum places_kind where,
				enum dependent_kind kind, unsigned int linked)
{
	const struct places *places;
	int err = places_get(walk->ctx, where, &places);

	if (err)
		return err;
	err = dependents_visit_below(walk, places, walk->path, kind);
	for (unsigned int i = 0; i < linked && !err; i++)
		if (walk->found->entries[i].kind == DEPENDENT_VF)
			err = dependents_visit_below(
				walk, places, walk->found->entries[i].path,
				kind);
	places_put(walk->ctx, places);
	return err;
}

/* Whatever VFIO can assign is in an IOMMU group. */
static int dependents_walk_all(const struct dependents_walk *walk)
{
	int err = dependents_visit_links(walk);
	unsigned int linked = walk->found->count;

	if (!err)
		err = dependents_visit_all(walk, PLACES_PCI, DEPENDENT_FUNCTION,
					   linked);
	if (!err)
		err = dependents_visit_all(walk, PLACES_MDEV, DEPENDENT_MDEV,
					   linked);
	if (!err)
		err = dependents_visit_all(walk, PLACES_GROUPS, DEPENDENT_PART,
					   linked);
	return err;
}

int dependents_collect(struct lend_ctx *ctx, const char *device,
		       const char *path, struct dependents *found)
{
	const struct dependents_walk walk = {ctx, path, found};
	int err;

	*found = (struct dependents){0};
	err = dependents_walk_all(&walk);
	if (!err)
		return 0;
	dependents_free(found);
	return error_system(ctx, -err, device,
			    "list the devices that depend on %s", path);
}

void dependents_free(struct dependents *found)
{
	for (unsigned int i = 0; i < found->count; i++)
		free(found->entries[i].path);
	free(found->entries);
	*found = (struct dependents){0};
}

bool lend_address_depends(const struct lend_address *address,
			  const struct lend_address *maker)
{
	return dependents_include(address->ctx, maker->path, address->path);
}
